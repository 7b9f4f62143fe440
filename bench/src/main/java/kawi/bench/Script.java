package kawi.bench;

/** What the TorchScript of every case gets around it. */
final class Script {
    /** Derivatives; and optimisers, operation for operation those of PyTorch's default implementation. */
    private static final String METHODS =
            """
            def sgd(self, parameters: List[Tensor], loss: Tensor, rate: float):
                gradients = torch.autograd.grad([loss], parameters)
                for i in range(len(parameters)):
                    g = gradients[i]
                    if g is not None:
                        parameters[i].detach().add_(g, alpha=-rate)

            def momentum(self, parameters: List[Tensor], velocities: List[Tensor], loss: Tensor, rate: float, mu: float):
                gradients = torch.autograd.grad([loss], parameters)
                for i in range(len(parameters)):
                    g = gradients[i]
                    if g is not None:
                        v = velocities[i]
                        v.mul_(mu).add_(g)
                        parameters[i].detach().add_(v, alpha=-rate)

            def adam(self, parameters: List[Tensor], m: List[Tensor], v: List[Tensor], steps: Tensor, loss: Tensor,
                     rate: float, decay: float):
                gradients = torch.autograd.grad([loss], parameters)
                t = int(steps.add_(1).item())
                correction1 = 1 - 0.9 ** t
                correction2 = 1 - 0.999 ** t
                for i in range(len(parameters)):
                    g = gradients[i]
                    if g is not None:
                        p = parameters[i].detach()
                        if decay != 0.0:
                            p.mul_(1 - rate * decay)
                        m[i].lerp_(g, 0.1)
                        v[i].mul_(0.999).addcmul_(g, g, value=0.001)
                        scale = (v[i].sqrt() / (correction2 ** 0.5)).add_(1e-8)
                        p.addcdiv_(m[i], scale, value=-rate / correction1)

            def derivatives(self, y: Tensor, by: List[Tensor], v: Tensor) -> List[Tensor]:
                weights: List[Optional[Tensor]] = [v]
                found: List[Tensor] = []
                for g in torch.autograd.grad([y], by, weights):
                    if g is not None:
                        found.append(g)
                return found

            def zeros(self, like: List[Tensor]) -> List[Tensor]:
                made: List[Tensor] = []
                for x in like:
                    made.append(torch.zeros_like(x))
                return made

            def trained(self, parameters: List[Tensor]):
                for p in parameters:
                    p.requires_grad_(True)
            """;

    private static final String PREPARE =
            """
            def prepare(self, x: List[Tensor]) -> List[Tensor]:
                return x
            """;

    /** DJL calls without derivatives unless told. */
    private static final String TIMED =
            """
            def timed(self, x: List[Tensor], random: bool) -> List[Tensor]:
                torch.set_grad_enabled(True)
                return self.run(x, random)
            """;

    private Script() {}

    /** A whole module: the methods of a case, those that it may call, and {@code timed}, which is called from outside. */
    static String whole(String methods) {
        String prepare = methods.contains("def prepare(") ? "" : PREPARE + "\n";
        return METHODS + "\n" + prepare + methods + "\n" + TIMED;
    }
}

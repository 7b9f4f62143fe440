package kawi.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import kawi.data.Digits;
import kawi.data.Png;
import kawi.nn.Module;
import kawi.recipes.Recipe;
import kawi.tensor.Tensor;
import kawi.train.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code kawi predict}: what a trained network sees in images. */
@Command(
        name = "predict",
        description = "Tell the class of images, white on black, and how sure the network is.",
        mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "The run's folder.")
    private Path run;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "IMAGE.png",
            description = "Grey images of 28 × 28 pixels.")
    private List<Path> images = new ArrayList<>();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        Checkpoint checkpoint = Checkpoint.best(run);
        Recipe recipe = Recipes.find(checkpoint.state().settings().getOrDefault("recipe", ""), spec);
        List<byte[]> pixels = images.stream()
                .map(p -> Png.readGrey(p, Digits.SIZE, Digits.SIZE))
                .toList();
        for (int i = 0; i < pixels.size(); i++) {
            if (bright(pixels.get(i))) {
                System.err.printf(
                        "%s looks like black on white; the network learnt white on black, so invert it%n",
                        images.get(i));
            }
        }
        Module model = recipe.model();
        checkpoint.restore(model);
        model.eval();
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < pixels.size(); i++) {
            Tensor x = Tensor.of(pixels.get(i), 1, 1, Digits.SIZE, Digits.SIZE)
                    .to(kawi.base.DType.F32)
                    .div(255)
                    .sub(recipe.mean())
                    .div(recipe.deviation());
            float[] p = model.forward(x).softmax(1).toFloatArray();
            int best = IntStream.range(0, p.length).reduce(0, (a, b) -> p[b] > p[a] ? b : a);
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("image", images.get(i).toString());
                line.put("class", best);
                line.put("probabilities", p);
                out.println(JsonMapper.builder().build().writeValueAsString(line));
            } else {
                StringBuilder all = new StringBuilder();
                for (int c = 0; c < p.length; c++) {
                    all.append(String.format(Locale.ROOT, "  %d %.3f", c, p[c]));
                }
                out.printf(Locale.ROOT, "%s: %d (%.1f %%)  of%s%n", images.get(i), best, 100 * p[best], all);
            }
        }
        out.flush();
        return 0;
    }

    /** Whether the border of an image is bright on average. */
    private static boolean bright(byte[] pixels) {
        int n = Digits.SIZE;
        int sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (pixels[i] & 0xff)
                    + (pixels[(n - 1) * n + i] & 0xff)
                    + (pixels[i * n] & 0xff)
                    + (pixels[i * n + n - 1] & 0xff);
        }
        return sum > 4 * n * 128;
    }
}

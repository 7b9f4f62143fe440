package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import kawi.base.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values and gradients of functions against what NumPy and SciPy give, which {@code core/src/test/python/functions.py} has
 * written into {@code functions.txt}.
 */
class FunctionsTest {
    private static final Map<String, Function<Tensor[], Tensor>> FUNCTIONS = new TreeMap<>();

    static {
        FUNCTIONS.put("add", t -> t[0].add(t[1]));
        FUNCTIONS.put("addNumber", t -> t[0].add(1.5));
        FUNCTIONS.put("addBroadcast", t -> t[0].add(t[1]));
        FUNCTIONS.put("sub", t -> t[0].sub(t[1]));
        FUNCTIONS.put("rsub", t -> t[0].rsub(2));
        FUNCTIONS.put("mul", t -> t[0].mul(t[1]));
        FUNCTIONS.put("div", t -> t[0].div(t[1]));
        FUNCTIONS.put("divNumber", t -> t[0].div(3));
        FUNCTIONS.put("floorDiv", t -> t[0].floorDiv(t[1]));
        FUNCTIONS.put("remainder", t -> t[0].remainder(t[1]));
        FUNCTIONS.put("remainderNumber", t -> t[0].remainder(0.7));
        FUNCTIONS.put("fmod", t -> t[0].fmod(t[1]));
        FUNCTIONS.put("fmodNumber", t -> t[0].fmod(-0.7));
        FUNCTIONS.put("pow", t -> t[0].pow(t[1]));
        FUNCTIONS.put("powNumber", t -> t[0].pow(2.5));
        FUNCTIONS.put("powWhole", t -> t[0].pow(3));
        FUNCTIONS.put("square", t -> t[0].square());
        FUNCTIONS.put("maximum", t -> t[0].maximum(t[1]));
        FUNCTIONS.put("minimum", t -> t[0].minimum(t[1]));
        FUNCTIONS.put("clamp", t -> t[0].clamp(-0.7, 1.1));
        FUNCTIONS.put("clampMin", t -> t[0].clampMin(0.2));
        FUNCTIONS.put("clampMax", t -> t[0].clampMax(0.2));
        FUNCTIONS.put("clampTensor", t -> t[0].clamp(t[1], t[1].add(1)));
        FUNCTIONS.put("lerp", t -> t[0].lerp(t[1], t[2]));
        FUNCTIONS.put("lerpNumber", t -> t[0].lerp(t[1], 0.3));
        FUNCTIONS.put("hypot", t -> t[0].hypot(t[1]));
        FUNCTIONS.put("atan2", t -> t[0].atan2(t[1]));
        FUNCTIONS.put("logAddExp", t -> t[0].logAddExp(t[1]));
        FUNCTIONS.put("neg", t -> t[0].neg());
        FUNCTIONS.put("abs", t -> t[0].abs());
        FUNCTIONS.put("sign", t -> t[0].sign());
        FUNCTIONS.put("exp", t -> t[0].exp());
        FUNCTIONS.put("exp2", t -> t[0].exp2());
        FUNCTIONS.put("expm1", t -> t[0].expm1());
        FUNCTIONS.put("log", t -> t[0].log());
        FUNCTIONS.put("log2", t -> t[0].log2());
        FUNCTIONS.put("log10", t -> t[0].log10());
        FUNCTIONS.put("log1p", t -> t[0].log1p());
        FUNCTIONS.put("sqrt", t -> t[0].sqrt());
        FUNCTIONS.put("rsqrt", t -> t[0].rsqrt());
        FUNCTIONS.put("reciprocal", t -> t[0].reciprocal());
        FUNCTIONS.put("sin", t -> t[0].sin());
        FUNCTIONS.put("cos", t -> t[0].cos());
        FUNCTIONS.put("tan", t -> t[0].tan());
        FUNCTIONS.put("asin", t -> t[0].asin());
        FUNCTIONS.put("acos", t -> t[0].acos());
        FUNCTIONS.put("atan", t -> t[0].atan());
        FUNCTIONS.put("sinh", t -> t[0].sinh());
        FUNCTIONS.put("cosh", t -> t[0].cosh());
        FUNCTIONS.put("tanh", t -> t[0].tanh());
        FUNCTIONS.put("asinh", t -> t[0].asinh());
        FUNCTIONS.put("acosh", t -> t[0].acosh());
        FUNCTIONS.put("atanh", t -> t[0].atanh());
        FUNCTIONS.put("deg2rad", t -> t[0].deg2rad());
        FUNCTIONS.put("rad2deg", t -> t[0].rad2deg());
        FUNCTIONS.put("sigmoid", t -> t[0].sigmoid());
        FUNCTIONS.put("erf", t -> t[0].erf());
        FUNCTIONS.put("erfc", t -> t[0].erfc());
        FUNCTIONS.put("erfcFar", t -> t[0].mul(6).erfc());
        FUNCTIONS.put("erfinv", t -> t[0].erfinv());
        FUNCTIONS.put("lgamma", t -> t[0].lgamma());
        FUNCTIONS.put("lgammaNegative", t -> t[0].sub(4).lgamma());
        FUNCTIONS.put("digamma", t -> t[0].digamma());
        FUNCTIONS.put("digammaNegative", t -> t[0].sub(4).digamma());
        FUNCTIONS.put("sinc", t -> t[0].sinc());
        FUNCTIONS.put("logit", t -> t[0].logit());
        FUNCTIONS.put("floor", t -> t[0].floor());
        FUNCTIONS.put("ceil", t -> t[0].ceil());
        FUNCTIONS.put("round", t -> t[0].round());
        FUNCTIONS.put("trunc", t -> t[0].trunc());
        FUNCTIONS.put("frac", t -> t[0].frac());
        FUNCTIONS.put("copySign", t -> t[0].copySign(t[1]));
        FUNCTIONS.put("nanToNum", t -> t[0].nanToNum(0.5, 7, -7));
        FUNCTIONS.put("polygamma1", t -> Special.polygamma(1, t[0]));
        FUNCTIONS.put("polygamma3", t -> Special.polygamma(3, t[0]));
        FUNCTIONS.put("polygamma0", t -> Special.polygamma(0, t[0]));
        FUNCTIONS.put("multigammaln", t -> Special.multigammaln(t[0], 3));
        FUNCTIONS.put("betaln", t -> Special.betaln(t[0], t[1]));
        FUNCTIONS.put("expit", t -> Special.expit(t[0]));
        FUNCTIONS.put("logitClamped", t -> Special.logit(t[0], 0.3));
        FUNCTIONS.put("xlogy", t -> Special.xlogy(t[0], t[1]));
        FUNCTIONS.put("xlogyZero", t -> Special.xlogy(t[0].mul(0), t[1]));
        FUNCTIONS.put("xlog1py", t -> Special.xlog1py(t[0], t[1]));
        FUNCTIONS.put("entr", t -> Special.entr(t[0]));
        FUNCTIONS.put("ndtr", t -> Special.ndtr(t[0]));
        FUNCTIONS.put("ndtri", t -> Special.ndtri(t[0]));
        FUNCTIONS.put("relu", t -> t[0].relu());
        FUNCTIONS.put("leakyRelu", t -> t[0].leakyRelu(0.1));
        FUNCTIONS.put("gelu", t -> t[0].gelu());
        FUNCTIONS.put("geluTanh", t -> Activations.geluTanh(t[0]));
        FUNCTIONS.put("silu", t -> t[0].silu());
        FUNCTIONS.put("softplus", t -> t[0].softplus());
        FUNCTIONS.put("softplusBeta", t -> Activations.softplus(t[0], 2));
        FUNCTIONS.put("elu", t -> Activations.elu(t[0], 1.3));
        FUNCTIONS.put("selu", t -> Activations.selu(t[0]));
        FUNCTIONS.put("celu", t -> Activations.celu(t[0], 0.7));
        FUNCTIONS.put("mish", t -> Activations.mish(t[0]));
        FUNCTIONS.put("hardtanh", t -> Activations.hardtanh(t[0], -1, 1));
        FUNCTIONS.put("relu6", t -> Activations.relu6(t[0].mul(4)));
        FUNCTIONS.put("hardsigmoid", t -> Activations.hardsigmoid(t[0].mul(2)));
        FUNCTIONS.put("hardswish", t -> Activations.hardswish(t[0].mul(2)));
        FUNCTIONS.put("softsign", t -> Activations.softsign(t[0]));
        FUNCTIONS.put("logSigmoid", t -> Activations.logSigmoid(t[0]));
        FUNCTIONS.put("softshrink", t -> Activations.softshrink(t[0], 0.6));
        FUNCTIONS.put("hardshrink", t -> Activations.hardshrink(t[0], 0.6));
        FUNCTIONS.put("tanhshrink", t -> Activations.tanhshrink(t[0]));
        FUNCTIONS.put("threshold", t -> Activations.threshold(t[0], 0.2, -3));
        FUNCTIONS.put("prelu", t -> Activations.prelu(t[0], t[1]));
        FUNCTIONS.put("glu", t -> Activations.glu(t[0], -1));
        FUNCTIONS.put("softmax", t -> t[0].softmax(-1));
        FUNCTIONS.put("softmax0", t -> t[0].softmax(0));
        FUNCTIONS.put("softmin", t -> Activations.softmin(t[0], 1));
        FUNCTIONS.put("logSoftmax", t -> t[0].logSoftmax(1));
        FUNCTIONS.put("eq", t -> t[0].round().eq(t[1].round()));
        FUNCTIONS.put("ne", t -> t[0].round().ne(t[1].round()));
        FUNCTIONS.put("lt", t -> t[0].lt(t[1]));
        FUNCTIONS.put("le", t -> t[0].le(t[1]));
        FUNCTIONS.put("gt", t -> t[0].gt(t[1]));
        FUNCTIONS.put("ge", t -> t[0].ge(0.4));
        FUNCTIONS.put("isNan", t -> t[0].isNan());
        FUNCTIONS.put("isInf", t -> t[0].div(0).isInf());
        FUNCTIONS.put("isFinite", t -> t[0].isFinite());
        FUNCTIONS.put("signBit", t -> t[0].signBit());
        FUNCTIONS.put("isClose", t -> t[0].isClose(t[1], 0.1, 0.2));
        FUNCTIONS.put("isIn", t -> t[0].round().isIn(t[1].round()));
        FUNCTIONS.put("where", t -> Tensor.where(t[0].gt(0), t[0], t[1]));
        FUNCTIONS.put("maskedFill", t -> t[0].maskedFill(t[0].gt(0.5), 9));
        FUNCTIONS.put("reshape", t -> t[0].reshape(2, 6));
        FUNCTIONS.put("flatten", t -> t[0].flatten(1, 2));
        FUNCTIONS.put("permute", t -> t[0].permute(2, 0, 1));
        FUNCTIONS.put("transpose", t -> t[0].transpose(0, 2));
        FUNCTIONS.put("expand", t -> t[0].expand(3, 3, 4));
        FUNCTIONS.put("unsqueeze", t -> t[0].unsqueeze(1));
        FUNCTIONS.put("squeeze", t -> t[0].unsqueeze(1).squeeze(1));
        FUNCTIONS.put("moveAxis", t -> t[0].moveAxis(0, 2));
        FUNCTIONS.put("moveAxes", t -> t[0].moveAxis(new int[] {0, 1}, new int[] {-1, 0}));
        FUNCTIONS.put("unflatten", t -> t[0].unflatten(1, 2, -1));
        FUNCTIONS.put("select", t -> t[0].select(1, -2));
        FUNCTIONS.put("slice", t -> t[0].slice(1, 3, Integer.MIN_VALUE, -2));
        FUNCTIONS.put("narrow", t -> t[0].narrow(1, 1, 2));
        FUNCTIONS.put("flip", t -> t[0].flip(0, 1));
        FUNCTIONS.put("rot90", t -> t[0].rot90(1, 0, 1));
        FUNCTIONS.put("rot270", t -> t[0].rot90(3, 0, 1));
        FUNCTIONS.put("rot90Back", t -> t[0].rot90(1, 1, 0));
        FUNCTIONS.put("roll", t -> t[0].roll(-5, 1));
        FUNCTIONS.put("tile", t -> t[0].tile(2, 1, 2));
        FUNCTIONS.put("tileShort", t -> t[0].tile(2));
        FUNCTIONS.put("repeatInterleave", t -> t[0].repeatInterleave(3, 0));
        FUNCTIONS.put("repeatInterleaveEach", t -> t[0].repeatInterleave(Tensor.of(new int[] {2, 0, 1}), 0));
        FUNCTIONS.put("split", t -> t[0].split(1, 1, 3).get(1));
        FUNCTIONS.put("chunk", t -> t[0].chunk(2, 0).get(1));
        FUNCTIONS.put("unbind", t -> t[0].unbind(1).get(2));
        FUNCTIONS.put("diagonal", t -> t[0].diagonal());
        FUNCTIONS.put("diagonalAbove", t -> t[0].diagonal(1, 0, 2));
        FUNCTIONS.put("diagonalBelow", t -> t[0].diagonal(-1, 1, 2));
        FUNCTIONS.put("diag", t -> t[0].diag());
        FUNCTIONS.put("diagBelow", t -> t[0].diag(-2));
        FUNCTIONS.put("diagOfMatrix", t -> t[0].diag(1));
        FUNCTIONS.put("diagEmbed", t -> t[0].diagEmbed(1));
        FUNCTIONS.put("tril", t -> t[0].tril(-1));
        FUNCTIONS.put("triu", t -> t[0].triu(1));
        FUNCTIONS.put("unfold", t -> t[0].unfold(1, 2, 1));
        FUNCTIONS.put("unfoldStep", t -> t[0].unfold(0, 3, 2));
        FUNCTIONS.put("pad", t -> t[0].pad(1, 2, 1, 0.5));
        FUNCTIONS.put("padReflect", t -> t[0].pad(1, 3, 2, Padding.REFLECT));
        FUNCTIONS.put("padReplicate", t -> t[0].pad(0, 1, 5, Padding.REPLICATE));
        FUNCTIONS.put("padCircular", t -> t[0].pad(1, 4, 3, Padding.CIRCULAR));
        FUNCTIONS.put("concat", t -> Tensor.concat(0, t[0], t[1]));
        FUNCTIONS.put("stack", t -> Tensor.stack(-1, t[0], t[1]));
        FUNCTIONS.put(
                "meshgrid",
                t -> Tensor.meshgrid(t[0], t[1])
                        .get(0)
                        .mul(Tensor.meshgrid(t[0], t[1]).get(1)));
        FUNCTIONS.put("take", t -> t[0].take(1, Tensor.of(new int[] {3, 0, 0})));
        FUNCTIONS.put("gather", t -> t[0].gather(1, t[0].argsort(1)));
        FUNCTIONS.put("scatterAdd", t -> t[0].scatterAdd(0, Tensor.of(new int[] {1, 1, 0, 2, 1}), t[1]));
        FUNCTIONS.put("scatter", t -> t[0].scatter(0, Tensor.of(new int[] {1, 3, 0, 2, 1}), t[1]));
        FUNCTIONS.put("indexPlaces", t -> t[0].index(Index.places(1, 0, 1), Index.places(2, -1, 0)));
        FUNCTIONS.put("indexApart", t -> t[0].index(Index.places(1, 0), Index.ALL, Index.places(2, 3)));
        FUNCTIONS.put("indexNewAxis", t -> t[0].index(Index.NEW_AXIS, Index.ELLIPSIS, Index.step(-2)));
        FUNCTIONS.put("indexMask", t -> t[0].index(Index.ALL, Index.mask(true, false, true)));
        FUNCTIONS.put("indexPut", t -> t[0].indexPut(t[1], Index.at(1), Index.from(0)));
        FUNCTIONS.put("indexPutMask", t -> t[0].indexPut(Tensor.scalar(3), t[0].lt(0)));
        FUNCTIONS.put("indexAdd", t -> t[0].indexAdd(t[1], Index.places(2, 0, 2, 2, 4)));
        FUNCTIONS.put("maskedSelect", t -> t[0].maskedSelect(t[0].gt(0.2)));
        FUNCTIONS.put("nonzero", t -> t[0].gt(0.2).nonzero());
        FUNCTIONS.put("sum", t -> t[0].sum(1));
        FUNCTIONS.put("sumAll", t -> t[0].sum());
        FUNCTIONS.put("sumKeepDims", t -> t[0].sumKeepDims(0, 2));
        FUNCTIONS.put("mean", t -> t[0].mean(0));
        FUNCTIONS.put("max", t -> t[0].max(1));
        FUNCTIONS.put("min", t -> t[0].min(0, 2));
        FUNCTIONS.put("prod", t -> t[0].prod(1));
        FUNCTIONS.put("prodAll", t -> t[0].prod());
        FUNCTIONS.put("any", t -> t[0].gt(1.2).any(1));
        FUNCTIONS.put("all", t -> t[0].gt(-1.2).all(1));
        FUNCTIONS.put("variance", t -> t[0].variance(1, 1));
        FUNCTIONS.put("std", t -> t[0].std(0, 0));
        FUNCTIONS.put("argmax", t -> t[0].argmax(1));
        FUNCTIONS.put("argmaxAll", t -> t[0].argmax());
        FUNCTIONS.put("argmin", t -> t[0].argmin(0));
        FUNCTIONS.put("logSumExp", t -> t[0].logSumExp(1));
        FUNCTIONS.put("norm", t -> t[0].norm(2, 1));
        FUNCTIONS.put("normFrobenius", t -> t[0].norm());
        FUNCTIONS.put("norm1", t -> t[0].norm(1, 0));
        FUNCTIONS.put("norm3", t -> t[0].norm(3, 1));
        FUNCTIONS.put("normInf", t -> t[0].norm(Double.POSITIVE_INFINITY, 1));
        FUNCTIONS.put("normMinusInf", t -> t[0].norm(Double.NEGATIVE_INFINITY, 1));
        FUNCTIONS.put("norm0", t -> t[0].norm(0, 1));
        FUNCTIONS.put("countNonzero", t -> t[0].round().countNonzero(1));
        FUNCTIONS.put("ptp", t -> t[0].ptp(1));
        FUNCTIONS.put("average", t -> t[0].average(t[1], 1));
        FUNCTIONS.put("cov", t -> t[0].cov(1));
        FUNCTIONS.put("corrcoef", t -> t[0].corrcoef());
        FUNCTIONS.put("nanSum", t -> t[0].nanSum(1));
        FUNCTIONS.put("nanProd", t -> t[0].nanProd(0));
        FUNCTIONS.put("nanMean", t -> t[0].nanMean(1));
        FUNCTIONS.put("nanMax", t -> t[0].nanMax(1));
        FUNCTIONS.put("nanMin", t -> t[0].nanMin(0));
        FUNCTIONS.put("nanArgmax", t -> t[0].nanArgmax(1));
        FUNCTIONS.put("nanArgmin", t -> t[0].nanArgmin(1));
        FUNCTIONS.put("nanVariance", t -> t[0].nanVariance(1, 1));
        FUNCTIONS.put("nanStd", t -> t[0].nanStd(0, 1));
        FUNCTIONS.put("nanMedian", t -> t[0].nanMedian(1));
        FUNCTIONS.put("nanQuantile", t -> t[0].nanQuantile(0.3, 1));
        FUNCTIONS.put("nanCumsum", t -> t[0].nanCumsum(1));
        FUNCTIONS.put("cumsum", t -> t[0].cumsum(1));
        FUNCTIONS.put("cumprod", t -> t[0].cumprod(1));
        FUNCTIONS.put("cumprodLong", t -> t[0].cumprod(0));
        FUNCTIONS.put("cummax", t -> t[0].cummax(1).values());
        FUNCTIONS.put("cummin", t -> t[0].cummin(0).values());
        FUNCTIONS.put("logCumSumExp", t -> t[0].logCumSumExp(1));
        FUNCTIONS.put("diff", t -> t[0].diff(1, 1));
        FUNCTIONS.put("diff2", t -> t[0].diff(2, 0));
        FUNCTIONS.put("sort", t -> t[0].sort(1).values());
        FUNCTIONS.put("sortDescending", t -> t[0].sort(0, true).values());
        FUNCTIONS.put("argsort", t -> t[0].argsort(1));
        FUNCTIONS.put("topk", t -> t[0].topk(2, 1).values());
        FUNCTIONS.put("topkSmallest", t -> t[0].topk(3, 1, false).values());
        FUNCTIONS.put("kthValue", t -> t[0].kthValue(3, 1).values());
        FUNCTIONS.put("median", t -> t[0].median());
        FUNCTIONS.put("medianAxis", t -> t[0].median(0));
        FUNCTIONS.put("quantile", t -> t[0].quantile(0.35, 1));
        FUNCTIONS.put("quantileAxes", t -> t[0].quantile(0.9, 0, 2));
        FUNCTIONS.put("unique", t -> t[0].round().unique().values());
        FUNCTIONS.put("uniqueCounts", t -> t[0].round().unique().counts());
        FUNCTIONS.put("uniqueInverse", t -> t[0].round().unique().inverse());
        FUNCTIONS.put("searchSorted", t -> t[0].sort(0).values().searchSorted(t[1], false));
        FUNCTIONS.put("searchSortedRight", t -> t[0].round().sort(0).values().searchSorted(t[1].round(), true));
        FUNCTIONS.put("bucketize", t -> t[0].bucketize(Tensor.of(new double[] {-1, 0, 1}), false));
        FUNCTIONS.put("bincount", t -> t[0].add(3).to(DType.I64).bincount(9));
        FUNCTIONS.put("bincountWeights", t -> t[0].add(3).to(DType.I64).bincount(t[1], 0));
        FUNCTIONS.put("histogram", t -> t[0].histogram(5, -1.5, 1.5));
        FUNCTIONS.put("matmul", t -> t[0].matmul(t[1]));
        FUNCTIONS.put("matmulVector", t -> t[0].matmul(t[1]));
        FUNCTIONS.put("dot", t -> t[0].dot(t[1]));
        FUNCTIONS.put("inner", t -> t[0].inner(t[1]));
        FUNCTIONS.put("outer", t -> t[0].outer(t[1]));
        FUNCTIONS.put("tensordot", t -> t[0].tensordot(t[1], 1));
        FUNCTIONS.put("tensordotAxes", t -> t[0].tensordot(t[1], new int[] {2, 0}, new int[] {1, 0}));
        FUNCTIONS.put("kron", t -> t[0].kron(t[1]));
        FUNCTIONS.put("cross", t -> t[0].cross(t[1], 0));
        FUNCTIONS.put("cdist", t -> t[0].cdist(t[1], 2));
        FUNCTIONS.put("cdist1", t -> t[0].cdist(t[1], 1));
        FUNCTIONS.put("cdistInf", t -> t[0].cdist(t[1], Double.POSITIVE_INFINITY));
        FUNCTIONS.put("cdist3", t -> t[0].cdist(t[1], 3));
        FUNCTIONS.put("einsumBatched", t -> Tensor.einsum("bij,bjk->bik", t[0], t[1]));
        FUNCTIONS.put("einsumTrace", t -> Tensor.einsum("ii", t[0]));
        FUNCTIONS.put("einsumThree", t -> Tensor.einsum("ij,jk,k->i", t[0], t[1], t[2]));
        FUNCTIONS.put("einsumDots", t -> Tensor.einsum("...i,i...->...", t[0], t[1]));
        FUNCTIONS.put("fft", t -> Fft.fft(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("ifft", t -> Fft.ifft(Fft.complex(t[0], t[1]), 0));
        FUNCTIONS.put("fftLong", t -> Fft.fft(Fft.complex(t[0], t[1]), -1, 37));
        FUNCTIONS.put("fftShort", t -> Fft.fft(Fft.complex(t[0], t[1]), 0, 3));
        FUNCTIONS.put("ifftLong", t -> Fft.ifft(Fft.complex(t[0], t[1]), -1, 12));
        FUNCTIONS.put("rfft", t -> Fft.rfft(t[0]));
        FUNCTIONS.put("rfftOdd", t -> Fft.rfft(t[0], 0));
        FUNCTIONS.put("rfftLong", t -> Fft.rfft(t[0], 0, 82));
        FUNCTIONS.put("irfft", t -> Fft.irfft(Fft.complex(t[0], t[1]), 6));
        FUNCTIONS.put("irfftOdd", t -> Fft.irfft(Fft.complex(t[0], t[1]), 7));
        FUNCTIONS.put("irfftAxis", t -> Fft.irfft(Fft.complex(t[0], t[1]), 0, 9));
        FUNCTIONS.put("fft2", t -> Fft.fft2(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("ifft2", t -> Fft.ifft2(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("rfft2", t -> Fft.rfft2(t[0]));
        FUNCTIONS.put("irfft2", t -> Fft.irfft2(Fft.complex(t[0], t[1]), 5));
        FUNCTIONS.put("fftn", t -> Fft.fftn(Fft.complex(t[0], t[0].mul(0))));
        FUNCTIONS.put("ifftn", t -> Fft.ifftn(Fft.complex(t[0], t[0])));
        FUNCTIONS.put("fftshift", t -> Fft.fftshift(t[0], 0, 1));
        FUNCTIONS.put("ifftshift", t -> Fft.ifftshift(t[0], 0, 1));
        FUNCTIONS.put("complexMul", t -> Fft.mul(Fft.complex(t[0], t[1]), Fft.complex(t[1], t[0])));
        FUNCTIONS.put("complexAbs", t -> Fft.abs(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("complexAngle", t -> Fft.angle(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("complexConj", t -> Fft.conj(Fft.complex(t[0], t[1])));
        FUNCTIONS.put("polar", t -> Fft.polar(t[0], t[1]));
        FUNCTIONS.put("attention", t -> Tensor.scaledDotProductAttention(t[0], t[1], t[2]));
        FUNCTIONS.put(
                "conv2d",
                t -> t[0].reshape(1, 1, 3, 4).conv2d(t[1].reshape(1, 1, 2, 2)).squeeze());
        FUNCTIONS.put(
                "avgPool2d", t -> t[0].reshape(1, 1, 3, 4).avgPool2d(2, 1, 0).squeeze());
        FUNCTIONS.put(
                "maxPool2d", t -> t[0].reshape(1, 1, 3, 4).maxPool2d(2, 1, 0).squeeze());
        FUNCTIONS.put("specialAsin", t -> t[0].asin());
        FUNCTIONS.put("specialAcos", t -> t[0].acos());
        FUNCTIONS.put("specialAtan", t -> t[0].atan());
        FUNCTIONS.put("specialSinh", t -> t[0].sinh());
        FUNCTIONS.put("specialCosh", t -> t[0].cosh());
        FUNCTIONS.put("specialAsinh", t -> t[0].asinh());
        FUNCTIONS.put("specialAcosh", t -> t[0].acosh());
        FUNCTIONS.put("specialAtanh", t -> t[0].atanh());
        FUNCTIONS.put("specialExp2", t -> t[0].exp2());
        FUNCTIONS.put("specialLog2", t -> t[0].log2());
        FUNCTIONS.put("specialLog10", t -> t[0].log10());
        FUNCTIONS.put("specialErf", t -> t[0].erf());
        FUNCTIONS.put("specialErfc", t -> t[0].erfc());
        FUNCTIONS.put("specialErfinv", t -> t[0].erfinv());
        FUNCTIONS.put("specialLgamma", t -> t[0].lgamma());
        FUNCTIONS.put("specialDigamma", t -> t[0].digamma());
        FUNCTIONS.put("specialSinc", t -> t[0].sinc());
        FUNCTIONS.put("specialLogit", t -> t[0].logit());
        FUNCTIONS.put("specialNdtr", t -> Special.ndtr(t[0]));
        FUNCTIONS.put("specialEntr", t -> Special.entr(t[0]));
        FUNCTIONS.put("specialTrunc", t -> t[0].trunc());
        FUNCTIONS.put("specialSign", t -> t[0].signBit());
        FUNCTIONS.put("specialNanToNum", t -> t[0].nanToNum(0, 5, -5));
        FUNCTIONS.put("specialRelu", t -> t[0].relu());
        FUNCTIONS.put("specialSoftplus", t -> t[0].softplus());
        FUNCTIONS.put("specialElu", t -> Activations.elu(t[0], 1));
        FUNCTIONS.put("specialLogSigmoid", t -> Activations.logSigmoid(t[0]));
        FUNCTIONS.put("specialHardtanh", t -> Activations.hardtanh(t[0], -1, 1));
        FUNCTIONS.put("specialHypot", t -> t[0].hypot(t[1]));
        FUNCTIONS.put("specialAtan2", t -> t[0].atan2(t[1]));
        FUNCTIONS.put("specialLogAddExp", t -> t[0].logAddExp(t[1]));
        FUNCTIONS.put("specialRemainder", t -> t[0].remainder(t[1]));
        FUNCTIONS.put("specialFmod", t -> t[0].fmod(t[1]));
        FUNCTIONS.put("specialFloorDiv", t -> t[0].floorDiv(t[1]));
        FUNCTIONS.put("specialCopySign", t -> t[0].copySign(t[1]));
        FUNCTIONS.put("specialMaximum", t -> t[0].maximum(t[1]));
        FUNCTIONS.put("specialXlogy", t -> Special.xlogy(t[0], t[1]));
        FUNCTIONS.put("specialXlog1py", t -> Special.xlog1py(t[0], t[1]));
        FUNCTIONS.put("specialIsClose", t -> t[0].isClose(t[1], 1e-5, 1e-8));
        FUNCTIONS.put("specialSort", t -> t[0].sort(0).values());
        FUNCTIONS.put("specialArgsort", t -> t[0].argsort(0));
        FUNCTIONS.put("specialArgsortTies", t -> t[0].round().argsort(1));
        FUNCTIONS.put(
                "specialUnique",
                t -> Tensor.concat(0, t[0], t[0]).unique().values().abs());
        FUNCTIONS.put("specialCummax", t -> t[0].cummax(0).values());
        FUNCTIONS.put("specialMedian", t -> t[0].median());
        FUNCTIONS.put("specialNanMedian", t -> t[0].nanMedian());
        FUNCTIONS.put("specialNanMax", t -> t[0].nanMax());
        FUNCTIONS.put("specialNanSumAll", t -> t[0].nanSum());
        FUNCTIONS.put("specialSearchSorted", t -> t[0].sort(0).values().searchSorted(t[0], true));
        FUNCTIONS.put("specialNorm", t -> t[0].norm(2));
        FUNCTIONS.put("wholeFloorDiv", t -> i32(t[0]).floorDiv(i32(t[1])));
        FUNCTIONS.put("wholeRemainder", t -> i32(t[0]).remainder(i32(t[1])));
        FUNCTIONS.put("wholeFmod", t -> i32(t[0]).fmod(i32(t[1])));
        FUNCTIONS.put("wholeFmodLong", t -> t[0].to(DType.I64).fmod(t[1].to(DType.I64)));
        FUNCTIONS.put("wholeOverflow", t -> i32(t[0]).mul(i32(t[0])).mul(i32(t[0])));
        FUNCTIONS.put("wholeOverflowLong", t -> t[0].to(DType.I64).pow(15));
        FUNCTIONS.put(
                "wholeOverflowByte",
                t -> t[0].to(DType.I32).to(DType.U8).mul(t[1].to(DType.I32).to(DType.U8)));
        FUNCTIONS.put("wholePromotes", t -> i32(t[0]).add(t[1].to(DType.I64)));
        FUNCTIONS.put("wholeDivision", t -> i32(t[0]).to(DType.F64).div(i32(t[1])));
        FUNCTIONS.put("wholeAnd", t -> i32(t[0]).and(i32(t[1])));
        FUNCTIONS.put("wholeOr", t -> i32(t[0]).or(i32(t[1])));
        FUNCTIONS.put("wholeXor", t -> i32(t[0]).xor(i32(t[1])));
        FUNCTIONS.put("wholeBitwiseNot", t -> i32(t[0]).bitwiseNot());
        FUNCTIONS.put("wholeBitwiseNotByte", t -> i32(t[0]).to(DType.U8).bitwiseNot());
        FUNCTIONS.put("wholeLeftShift", t -> i32(t[0]).leftShift(i32(t[1].abs())));
        FUNCTIONS.put(
                "wholeLeftShiftFar",
                t -> t[0].to(DType.I64).leftShift(t[1].abs().mul(7).to(DType.I64)));
        FUNCTIONS.put("wholeLeftShiftByte", t -> i32(t[0]).to(DType.U8).leftShift(3));
        FUNCTIONS.put("wholeRightShift", t -> i32(t[0]).rightShift(i32(t[1].abs())));
        FUNCTIONS.put(
                "wholeRightShiftFar",
                t -> t[0].to(DType.I64).rightShift(t[1].abs().mul(13).to(DType.I64)));
        FUNCTIONS.put("wholeRightShiftByte", t -> i32(t[0]).to(DType.U8).rightShift(2));
        FUNCTIONS.put("wholeSum", t -> i32(t[0]).sum(0));
        FUNCTIONS.put("wholeProd", t -> i32(t[0]).prod(0));
        FUNCTIONS.put("wholeCumprod", t -> i32(t[1]).abs().add(1).cumprod(0));
        FUNCTIONS.put("wholeMean", t -> i32(t[1]).to(DType.I64).to(DType.F64).mean());
        FUNCTIONS.put("wholeSort", t -> i32(t[0]).sort(0, true).values());
        FUNCTIONS.put("wholeAbs", t -> i32(t[0]).abs());
        FUNCTIONS.put("wholeSign", t -> i32(t[0]).sign());
        FUNCTIONS.put("wholeClamp", t -> i32(t[0]).clamp(-3, 50));
        FUNCTIONS.put("wholeMaximum", t -> i32(t[0]).maximum(i32(t[1])));
        FUNCTIONS.put("wholeDiff", t -> i32(t[0]).diff(1, 0));
        FUNCTIONS.put("wholeEinsum", t -> Tensor.einsum("i,i", i32(t[0]), i32(t[1])));
        FUNCTIONS.put("wholeKron", t -> i32(t[0]).kron(i32(t[1])));
        FUNCTIONS.put("wholeUnique", t -> i32(t[1]).unique().values());
    }

    private static Tensor i32(Tensor x) {
        return x.to(DType.I32);
    }

    /** A line of the file. */
    private record Figures(String name, int inputs, List<Tensor> arrays) {
        static Figures of(String line) {
            String[] parts = line.split(" ");
            return new Figures(
                    parts[0],
                    Integer.parseInt(parts[1]),
                    Arrays.stream(parts).skip(2).map(Figures::array).toList());
        }

        private static Tensor array(String text) {
            String[] parts = text.split(":", -1);
            int[] shape = Stream.of(parts[0].split(","))
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            double[] values = Stream.of(parts[1].split(","))
                    .filter(s -> !s.isEmpty())
                    .mapToDouble(s -> s.equals("nan") ? Double.NaN : Double.parseDouble(s.replace("inf", "Infinity")))
                    .toArray();
            return Tensor.of(values).reshape(shape).realized();
        }

        boolean gradients() {
            return arrays.size() > inputs + 1;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Figures> figures() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                FunctionsTest.class.getResourceAsStream("functions.txt"), StandardCharsets.UTF_8))) {
            return in.lines().map(Figures::of).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theFileHasAllFunctions() {
        List<Figures> all = figures().toList();
        assertThat(new TreeSet<>(all.stream().map(Figures::name).toList())).isEqualTo(FUNCTIONS.keySet());
        long gradients = all.stream().filter(Figures::gradients).count();
        System.out.printf("functions: %d values, %d of them with gradients%n", all.size(), gradients);
        assertThat(gradients).isGreaterThan(200);
    }

    @ParameterizedTest
    @MethodSource("figures")
    void agrees(Figures figures) {
        List<Tensor> arrays = figures.arrays;
        int inputs = figures.inputs;
        List<Tensor> xs = new ArrayList<>();
        for (Tensor x : arrays.subList(0, inputs)) {
            xs.add(x.requiresGrad());
        }
        Tensor y = FUNCTIONS.get(figures.name).apply(xs.toArray(Tensor[]::new));
        // a few roundings of f64; the functions' own conditions are below 100 here
        compare("value", y, arrays.get(inputs), 1e-13);
        if (figures.gradients()) {
            int n = (int) y.size();
            Tensor weights = Tensor.arange(n)
                    .add(1)
                    .to(DType.F64)
                    .cos()
                    .reshape(y.shape().dims());
            List<Tensor> g = Kawi.vjp(y, weights, xs);
            for (int i = 0; i < inputs; i++) {
                compare(
                        "gradient of input " + i,
                        g.get(i),
                        arrays.get(inputs + 1 + i),
                        1e-11); // the differences' error
            }
        }
    }

    private static void compare(String what, Tensor got, Tensor wanted, double tolerance) {
        assertThat(got.shape()).as(what).isEqualTo(wanted.shape());
        double[] a = got.toDoubleArray();
        double[] b = wanted.toDoubleArray();
        double scale =
                Arrays.stream(b).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        for (int i = 0; i < a.length; i++) {
            boolean same = Double.compare(a[i], b[i]) == 0;
            assertThat(same || Math.abs(a[i] - b[i]) <= tolerance * Math.max(1, scale))
                    .as("%s, element %d: %s, wanted %s", what, i, a[i], b[i])
                    .isTrue();
        }
    }
}

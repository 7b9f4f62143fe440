"""Values and gradients of functions in double precision, for FunctionsTest: python3 functions.py > ../resources/kawi/tensor/functions.txt

Values come from NumPy and SciPy. Gradients of the sum of cos(i + 1) times element i of the result come from central
differences of order 8 (Fornberg 1988) over steps of 2e-3, whose error is some 1e-13 of the values. No input lies closer
than four steps to a kink of its function.

A line: name; number of inputs; each input and then the result as shape, colon, elements; then each input's gradient, unless the result is whole or truth.
"""

import numpy as np
import scipy.signal as ss
import scipy.spatial.distance as sd
import scipy.special as sp

np.seterr(all="ignore")
rng = np.random.default_rng(20261121)


def grid(low, high, *shape):
    """Numbers equally apart, in random order."""
    n = int(np.prod(shape))
    return np.round(rng.permutation(np.linspace(low, high, n)), 3).reshape(shape)


INPUTS = {
    "X": grid(-1.77, 1.64, 3, 4),
    "Y": grid(-1.61, 1.58, 3, 4),
    "P": grid(0.31, 3.06, 3, 4),  # positive
    "G": grid(1.21, 4.06, 3, 4),  # greater than 1
    "U": grid(-0.83, 0.81, 3, 4),  # inside (-1, 1)
    "Q": grid(0.11, 0.89, 3, 4),  # inside (0, 1)
    "V": grid(-1.83, 1.77, 5),
    "W": grid(-1.57, 1.48, 5),
    "V4": grid(-1.42, 1.36, 4),
    "M": grid(-1.31, 1.44, 3, 3),
    "A": grid(-2.31, 2.34, 2, 3, 4),
    "B": grid(-2.17, 2.28, 2, 4, 3),
    "B4": grid(-2.13, 2.22, 4, 3),
    "N": grid(-1.77, 1.64, 3, 4),  # some are not numbers
}
INPUTS["N"][[0, 1, 2], [1, 3, 0]] = np.nan
assert np.min(np.abs(INPUTS["X"] - INPUTS["Y"])) > 0.01


def c(z):
    """Complex numbers as pairs along a last axis."""
    return np.stack((z.real, z.imag), -1)


CASES = [
    ("add", lambda x, y: x + y, "X Y"),
    ("addNumber", lambda x: x + 1.5, "X"),
    ("addBroadcast", lambda x, y: x + y, "X V4"),
    ("sub", lambda x, y: x - y, "X Y"),
    ("rsub", lambda x: 2 - x, "X"),
    ("mul", lambda x, y: x * y, "X Y"),
    ("div", lambda x, y: x / y, "X P"),
    ("divNumber", lambda x: x / 3, "X"),
    ("floorDiv", lambda x, y: np.floor_divide(x, y), "X P"),
    ("remainder", lambda x, y: np.remainder(x, y), "X P"),
    ("remainderNumber", lambda x: np.remainder(x, 0.7), "X"),
    ("fmod", lambda x, y: np.fmod(x, y), "X P"),
    ("fmodNumber", lambda x: np.fmod(x, -0.7), "X"),
    ("pow", lambda x, y: np.power(x, y), "P X"),
    ("powNumber", lambda x: x ** 2.5, "P"),
    ("powWhole", lambda x: x ** 3, "X"),
    ("square", lambda x: np.square(x), "X"),
    ("maximum", lambda x, y: np.maximum(x, y), "X Y"),
    ("minimum", lambda x, y: np.minimum(x, y), "X Y"),
    ("clamp", lambda x: np.clip(x, -0.7, 1.1), "X"),
    ("clampMin", lambda x: np.maximum(x, 0.2), "X"),
    ("clampMax", lambda x: np.minimum(x, 0.2), "X"),
    ("clampTensor", lambda x, y: np.clip(x, y, y + 1), "X Y"),
    ("lerp", lambda x, y, z: x + z * (y - x), "X Y Q"),
    ("lerpNumber", lambda x, y: x + 0.3 * (y - x), "X Y"),
    ("hypot", lambda x, y: np.hypot(x, y), "X Y"),
    ("atan2", lambda x, y: np.arctan2(x, y), "X Y"),
    ("logAddExp", lambda x, y: np.logaddexp(x, y), "X Y"),
    ("neg", lambda x: -x, "X"),
    ("abs", lambda x: np.abs(x), "X"),
    ("sign", lambda x: np.sign(x), "X"),
    ("exp", lambda x: np.exp(x), "X"),
    ("exp2", lambda x: np.exp2(x), "X"),
    ("expm1", lambda x: np.expm1(x), "X"),
    ("log", lambda x: np.log(x), "P"),
    ("log2", lambda x: np.log2(x), "P"),
    ("log10", lambda x: np.log10(x), "P"),
    ("log1p", lambda x: np.log1p(x), "P"),
    ("sqrt", lambda x: np.sqrt(x), "P"),
    ("rsqrt", lambda x: 1 / np.sqrt(x), "P"),
    ("reciprocal", lambda x: np.reciprocal(x), "P"),
    ("sin", lambda x: np.sin(x), "X"),
    ("cos", lambda x: np.cos(x), "X"),
    ("tan", lambda x: np.tan(x), "U"),
    ("asin", lambda x: np.arcsin(x), "U"),
    ("acos", lambda x: np.arccos(x), "U"),
    ("atan", lambda x: np.arctan(x), "X"),
    ("sinh", lambda x: np.sinh(x), "X"),
    ("cosh", lambda x: np.cosh(x), "X"),
    ("tanh", lambda x: np.tanh(x), "X"),
    ("asinh", lambda x: np.arcsinh(x), "X"),
    ("acosh", lambda x: np.arccosh(x), "G"),
    ("atanh", lambda x: np.arctanh(x), "U"),
    ("deg2rad", lambda x: np.deg2rad(x), "X"),
    ("rad2deg", lambda x: np.rad2deg(x), "X"),
    ("sigmoid", lambda x: sp.expit(x), "X"),
    ("erf", lambda x: sp.erf(x), "X"),
    ("erfc", lambda x: sp.erfc(x), "X"),
    ("erfcFar", lambda x: sp.erfc(6 * x), "P"),
    ("erfinv", lambda x: sp.erfinv(x), "U"),
    ("lgamma", lambda x: sp.gammaln(x), "P"),
    ("lgammaNegative", lambda x: sp.gammaln(x - 4), "Q"),
    ("digamma", lambda x: sp.digamma(x), "P"),
    ("digammaNegative", lambda x: sp.digamma(x - 4), "Q"),
    ("sinc", lambda x: np.sinc(x), "X"),
    ("logit", lambda x: sp.logit(x), "Q"),
    ("floor", lambda x: np.floor(x), "X"),
    ("ceil", lambda x: np.ceil(x), "X"),
    ("round", lambda x: np.round(x), "X"),
    ("trunc", lambda x: np.trunc(x), "X"),
    ("frac", lambda x: x - np.trunc(x), "X"),
    ("copySign", lambda x, y: np.copysign(x, y), "X Y"),
    ("nanToNum", lambda x: np.nan_to_num(x, nan=0.5, posinf=7, neginf=-7), "N"),
    ("polygamma1", lambda x: sp.polygamma(1, x), "P"),
    ("polygamma3", lambda x: sp.polygamma(3, x), "G"),
    ("polygamma0", lambda x: sp.polygamma(0, x), "P"),
    ("multigammaln", lambda x: np.vectorize(lambda v: sp.multigammaln(v, 3))(x), "G"),
    ("betaln", lambda x, y: sp.betaln(x, y), "P G"),
    ("expit", lambda x: sp.expit(x), "Y"),
    ("logitClamped", lambda x: sp.logit(np.clip(x, 0.3, 0.7)), "Q"),
    ("xlogy", lambda x, y: sp.xlogy(x, y), "X P"),
    ("xlogyZero", lambda x, y: sp.xlogy(x * 0, y), "X P"),
    ("xlog1py", lambda x, y: sp.xlog1py(x, y), "X P"),
    ("entr", lambda x: sp.entr(x), "P"),
    ("ndtr", lambda x: sp.ndtr(x), "X"),
    ("ndtri", lambda x: sp.ndtri(x), "Q"),
    ("relu", lambda x: np.maximum(x, 0), "X"),
    ("leakyRelu", lambda x: np.where(x > 0, x, 0.1 * x), "X"),
    ("gelu", lambda x: x * sp.ndtr(x), "X"),
    ("geluTanh", lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), "X"),
    ("silu", lambda x: x * sp.expit(x), "X"),
    ("softplus", lambda x: np.logaddexp(x, 0), "X"),
    ("softplusBeta", lambda x: np.logaddexp(2 * x, 0) / 2, "X"),
    ("elu", lambda x: np.where(x > 0, x, 1.3 * np.expm1(x)), "X"),
    ("selu", lambda x: 1.0507009873554804934 * np.where(x > 0, x, 1.6732632423543772848 * np.expm1(x)), "X"),
    ("celu", lambda x: np.where(x > 0, x, 0.7 * np.expm1(x / 0.7)), "X"),
    ("mish", lambda x: x * np.tanh(np.logaddexp(x, 0)), "X"),
    ("hardtanh", lambda x: np.clip(x, -1, 1), "X"),
    ("relu6", lambda x: np.clip(4 * x, 0, 6), "X"),
    ("hardsigmoid", lambda x: np.clip(2 * x + 3, 0, 6) / 6, "X"),
    ("hardswish", lambda x: 2 * x * np.clip(2 * x + 3, 0, 6) / 6, "X"),
    ("softsign", lambda x: x / (1 + np.abs(x)), "X"),
    ("logSigmoid", lambda x: sp.log_expit(x), "X"),
    ("softshrink", lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.6, 0), "X"),
    ("hardshrink", lambda x: np.where(np.abs(x) > 0.6, x, 0), "X"),
    ("tanhshrink", lambda x: x - np.tanh(x), "X"),
    ("threshold", lambda x: np.where(x > 0.2, x, -3), "X"),
    ("prelu", lambda x, y: np.where(x > 0, x, y * x), "X V4"),
    ("glu", lambda x: x[:, :2] * sp.expit(x[:, 2:]), "X"),
    ("softmax", lambda x: sp.softmax(x, -1), "X"),
    ("softmax0", lambda x: sp.softmax(x, 0), "X"),
    ("softmin", lambda x: sp.softmax(-x, 1), "X"),
    ("logSoftmax", lambda x: sp.log_softmax(x, 1), "X"),
    ("eq", lambda x, y: np.round(x) == np.round(y), "X Y"),
    ("ne", lambda x, y: np.round(x) != np.round(y), "X Y"),
    ("lt", lambda x, y: x < y, "X Y"),
    ("le", lambda x, y: x <= y, "X Y"),
    ("gt", lambda x, y: x > y, "X Y"),
    ("ge", lambda x: x >= 0.4, "X"),
    ("isNan", lambda x: np.isnan(x), "N"),
    ("isInf", lambda x: np.isinf(x / 0), "X"),
    ("isFinite", lambda x: np.isfinite(x), "N"),
    ("signBit", lambda x: np.signbit(x), "X"),
    ("isClose", lambda x, y: np.isclose(x, y, 0.1, 0.2), "X Y"),
    ("isIn", lambda x, y: np.isin(np.round(x), np.round(y)), "X V"),
    ("where", lambda x, y: np.where(x > 0, x, y), "X Y"),
    ("maskedFill", lambda x: np.where(x > 0.5, 9, x), "X"),
    ("reshape", lambda x: x.reshape(2, 6), "X"),
    ("flatten", lambda x: x.reshape(2, 12), "A"),
    ("permute", lambda x: x.transpose(2, 0, 1), "A"),
    ("transpose", lambda x: x.swapaxes(0, 2), "A"),
    ("expand", lambda x: np.broadcast_to(x, (3, 3, 4)), "X"),
    ("unsqueeze", lambda x: np.expand_dims(x, 1), "X"),
    ("squeeze", lambda x: x, "X"),
    ("moveAxis", lambda x: np.moveaxis(x, 0, 2), "A"),
    ("moveAxes", lambda x: np.moveaxis(x, (0, 1), (-1, 0)), "A"),
    ("unflatten", lambda x: x.reshape(3, 2, 2), "X"),
    ("select", lambda x: x[:, -2], "X"),
    ("slice", lambda x: x[:, 3::-2], "X"),
    ("narrow", lambda x: x[:, 1:3], "X"),
    ("flip", lambda x: np.flip(x, (0, 1)), "X"),
    ("rot90", lambda x: np.rot90(x), "X"),
    ("rot270", lambda x: np.rot90(x, 3), "X"),
    ("rot90Back", lambda x: np.rot90(x, 1, (1, 0)), "X"),
    ("roll", lambda x: np.roll(x, -5, 1), "X"),
    ("tile", lambda x: np.tile(x, (2, 1, 2)), "X"),
    ("tileShort", lambda x: np.tile(x, 2), "A"),
    ("repeatInterleave", lambda x: np.repeat(x, 3, 0), "X"),
    ("repeatInterleaveEach", lambda x: np.repeat(x, [2, 0, 1], 0), "X"),
    ("split", lambda x: np.split(x, [1], 1)[1], "X"),
    ("chunk", lambda x: np.array_split(x, [2])[1], "X"),
    ("unbind", lambda x: x[:, 2], "X"),
    ("diagonal", lambda x: np.diagonal(x, 0, -2, -1), "A"),
    ("diagonalAbove", lambda x: np.diagonal(x, 1, 0, 2), "A"),
    ("diagonalBelow", lambda x: np.diagonal(x, -1, 1, 2), "A"),
    ("diag", lambda x: np.diag(x), "V"),
    ("diagBelow", lambda x: np.diag(x, -2), "V"),
    ("diagOfMatrix", lambda x: np.diag(x, 1), "X"),
    ("diagEmbed", lambda x: np.stack([np.diag(r, 1) for r in x]), "X"),
    ("tril", lambda x: np.tril(x, -1), "A"),
    ("triu", lambda x: np.triu(x, 1), "A"),
    ("unfold", lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, 1), "X"),
    ("unfoldStep", lambda x: np.lib.stride_tricks.sliding_window_view(x, 3, 0)[::2], "V"),
    ("pad", lambda x: np.pad(x, ((0, 0), (2, 1)), constant_values=0.5), "X"),
    ("padReflect", lambda x: np.pad(x, ((0, 0), (3, 2)), 'reflect'), "X"),
    ("padReplicate", lambda x: np.pad(x, ((1, 5), (0, 0)), 'edge'), "X"),
    ("padCircular", lambda x: np.pad(x, ((0, 0), (4, 3)), 'wrap'), "X"),
    ("concat", lambda x, y: np.concatenate((x, y), 0), "X Y"),
    ("stack", lambda x, y: np.stack((x, y), -1), "X Y"),
    ("meshgrid", lambda x, y: np.multiply(*np.meshgrid(x, y, indexing='ij')), "V V4"),
    ("take", lambda x: np.take(x, [3, 0, 0], 1), "X"),
    ("gather", lambda x: np.take_along_axis(x, np.argsort(x, 1), 1), "X"),
    ("scatterAdd", lambda x, y: (lambda o: (np.add.at(o, [1, 1, 0, 2, 1], y), o)[1])(x.copy()), "V W"),
    ("scatter", lambda x, y: (lambda o: (np.put(o, [1, 3, 0, 2, 1], y), o)[1])(x.copy()), "V W"),
    ("indexPlaces", lambda x: x[[1, 0, 1], [2, -1, 0]], "X"),
    ("indexApart", lambda x: x[[1, 0], :, [2, 3]], "A"),
    ("indexNewAxis", lambda x: x[None, ..., ::-2], "A"),
    ("indexMask", lambda x: x[:, [True, False, True]], "A"),
    ("indexPut", lambda x, y: (lambda o: (o.__setitem__(1, y), o)[1])(x.copy()), "X V4"),
    ("indexPutMask", lambda x: np.where(x < 0, 3, x), "X"),
    ("indexAdd", lambda x, y: (lambda o: (np.add.at(o, [2, 0, 2, 2, 4], y), o)[1])(x.copy()), "V W"),
    ("maskedSelect", lambda x: x[x > 0.2], "X"),
    ("nonzero", lambda x: np.argwhere(x > 0.2), "X"),
    ("sum", lambda x: x.sum(1), "A"),
    ("sumAll", lambda x: x.sum(), "A"),
    ("sumKeepDims", lambda x: x.sum((0, 2), keepdims=True), "A"),
    ("mean", lambda x: x.mean(0), "A"),
    ("max", lambda x: x.max(1), "A"),
    ("min", lambda x: x.min((0, 2)), "A"),
    ("prod", lambda x: x.prod(1), "X"),
    ("prodAll", lambda x: x.prod(), "X"),
    ("any", lambda x: np.any(x > 1.2, 1), "X"),
    ("all", lambda x: np.all(x > -1.2, 1), "X"),
    ("variance", lambda x: x.var(1, ddof=1), "X"),
    ("std", lambda x: x.std(0), "X"),
    ("argmax", lambda x: x.argmax(1), "X"),
    ("argmaxAll", lambda x: x.argmax(), "X"),
    ("argmin", lambda x: x.argmin(0), "X"),
    ("logSumExp", lambda x: sp.logsumexp(x, 1), "X"),
    ("norm", lambda x: np.linalg.norm(x, 2, 1), "X"),
    ("normFrobenius", lambda x: np.linalg.norm(x), "X"),
    ("norm1", lambda x: np.linalg.norm(x, 1, 0), "X"),
    ("norm3", lambda x: np.linalg.norm(x, 3, 1), "X"),
    ("normInf", lambda x: np.linalg.norm(x, np.inf, 1), "X"),
    ("normMinusInf", lambda x: np.linalg.norm(x, -np.inf, 1), "X"),
    ("norm0", lambda x: np.linalg.norm(x, 0, 1), "X"),
    ("countNonzero", lambda x: np.count_nonzero(np.round(x), 1), "X"),
    ("ptp", lambda x: np.ptp(x, 1), "X"),
    ("average", lambda x, y: np.average(x, 1, y), "X P"),
    ("cov", lambda x: np.cov(x), "X"),
    ("corrcoef", lambda x: np.corrcoef(x), "X"),
    ("nanSum", lambda x: np.nansum(x, 1), "N"),
    ("nanProd", lambda x: np.nanprod(x, 0), "N"),
    ("nanMean", lambda x: np.nanmean(x, 1), "N"),
    ("nanMax", lambda x: np.nanmax(x, 1), "N"),
    ("nanMin", lambda x: np.nanmin(x, 0), "N"),
    ("nanArgmax", lambda x: np.nanargmax(x, 1), "N"),
    ("nanArgmin", lambda x: np.nanargmin(x, 1), "N"),
    ("nanVariance", lambda x: np.nanvar(x, 1, ddof=1), "N"),
    ("nanStd", lambda x: np.nanstd(x, 1), "N"),
    ("nanMedian", lambda x: np.nanmedian(x, 1), "N"),
    ("nanQuantile", lambda x: np.nanquantile(x, 0.3, 1), "N"),
    ("nanCumsum", lambda x: np.nancumsum(x, 1), "N"),
    ("cumsum", lambda x: np.cumsum(x, 1), "X"),
    ("cumprod", lambda x: np.cumprod(x, 1), "X"),
    ("cumprodLong", lambda x: np.cumprod(x, 0), "V"),
    ("cummax", lambda x: np.maximum.accumulate(x, 1), "X"),
    ("cummin", lambda x: np.minimum.accumulate(x, 0), "X"),
    ("logCumSumExp", lambda x: np.logaddexp.accumulate(x, 1), "X"),
    ("diff", lambda x: np.diff(x, 1, 1), "X"),
    ("diff2", lambda x: np.diff(x, 2, 0), "X"),
    ("sort", lambda x: np.sort(x, 1), "X"),
    ("sortDescending", lambda x: -np.sort(-x, 0), "X"),
    ("argsort", lambda x: np.argsort(x, 1), "X"),
    ("topk", lambda x: -np.sort(-x, 1)[:, :2], "X"),
    ("topkSmallest", lambda x: np.sort(x, 1)[:, :3], "X"),
    ("kthValue", lambda x: np.sort(x, 1)[:, 2], "X"),
    ("median", lambda x: np.median(x), "X"),
    ("medianAxis", lambda x: np.median(x, 0), "X"),
    ("quantile", lambda x: np.quantile(x, 0.35, 1), "X"),
    ("quantileAxes", lambda x: np.quantile(x, 0.9, (0, 2)), "A"),
    ("unique", lambda x: np.unique(np.round(x)), "X"),
    ("uniqueCounts", lambda x: np.unique_counts(np.round(x)).counts, "X"),
    ("uniqueInverse", lambda x: np.unique_inverse(np.round(x)).inverse_indices.reshape(x.shape), "X"),
    ("searchSorted", lambda x, y: np.searchsorted(np.sort(x), y), "V X"),
    ("searchSortedRight", lambda x, y: np.searchsorted(np.sort(np.round(x)), np.round(y), 'right'), "V X"),
    ("bucketize", lambda x: np.digitize(x, [-1, 0, 1], right=True), "X"),
    ("bincount", lambda x: np.bincount((x + 3).astype(int).ravel(), minlength=9), "V"),
    ("bincountWeights", lambda x, y: np.bincount((x + 3).astype(int), y), "V W"),
    ("histogram", lambda x: np.histogram(x, 5, (-1.5, 1.5))[0], "X"),
    ("matmul", lambda x, y: x @ y, "A B"),
    ("matmulVector", lambda x, y: x @ y, "X V4"),
    ("dot", lambda x, y: np.dot(x, y), "V W"),
    ("inner", lambda x, y: np.inner(x, y), "X Y"),
    ("outer", lambda x, y: np.outer(x, y), "V V4"),
    ("tensordot", lambda x, y: np.tensordot(x, y, 1), "A B4"),
    ("tensordotAxes", lambda x, y: np.tensordot(x, y, ((2, 0), (1, 0))), "A B"),
    ("kron", lambda x, y: np.kron(x, y), "M X"),
    ("cross", lambda x, y: np.cross(x, y, axis=0), "X Y"),
    ("cdist", lambda x, y: sd.cdist(x, y), "X Y"),
    ("cdist1", lambda x, y: sd.cdist(x, y, 'cityblock'), "X Y"),
    ("cdistInf", lambda x, y: sd.cdist(x, y, 'chebyshev'), "X Y"),
    ("cdist3", lambda x, y: sd.cdist(x, y, 'minkowski', p=3), "X Y"),
    ("einsumBatched", lambda x, y: np.einsum('bij,bjk->bik', x, y), "A B"),
    ("einsumTrace", lambda x: np.einsum('ii', x), "M"),
    ("einsumThree", lambda x, y, z: np.einsum('ij,jk,k->i', x, y, z), "M X V4"),
    ("einsumDots", lambda x, y: np.einsum('...i,i...->...', x, y), "X B4"),
    ("fft", lambda x, y: c(np.fft.fft(x + 1j * y)), "X Y"),
    ("ifft", lambda x, y: c(np.fft.ifft(x + 1j * y, axis=0)), "X Y"),
    ("fftLong", lambda x, y: c(np.fft.fft(x + 1j * y, 37)), "V W"),
    ("fftShort", lambda x, y: c(np.fft.fft(x + 1j * y, 3)), "V W"),
    ("ifftLong", lambda x, y: c(np.fft.ifft(x + 1j * y, 12)), "V W"),
    ("rfft", lambda x: c(np.fft.rfft(x)), "X"),
    ("rfftOdd", lambda x: c(np.fft.rfft(x, axis=0)), "X"),
    ("rfftLong", lambda x: c(np.fft.rfft(x, 82)), "V"),
    ("irfft", lambda x, y: np.fft.irfft(x + 1j * y, 6), "X Y"),
    ("irfftOdd", lambda x, y: np.fft.irfft(x + 1j * y, 7), "X Y"),
    ("irfftAxis", lambda x, y: np.fft.irfft(x + 1j * y, 9, 0), "X Y"),
    ("fft2", lambda x, y: c(np.fft.fft2(x + 1j * y)), "X Y"),
    ("ifft2", lambda x, y: c(np.fft.ifft2(x + 1j * y)), "X Y"),
    ("rfft2", lambda x: c(np.fft.rfft2(x)), "A"),
    ("irfft2", lambda x, y: np.fft.irfft2(x + 1j * y, (3, 5)), "X Y"),
    ("fftn", lambda x: c(np.fft.fftn(x)), "A"),
    ("ifftn", lambda x: c(np.fft.ifftn(x * (1 + 1j))), "A"),
    ("fftshift", lambda x: np.fft.fftshift(x), "X"),
    ("ifftshift", lambda x: np.fft.ifftshift(x), "X"),
    ("complexMul", lambda x, y: c((x + 1j * y) * (y + 1j * x)), "X Y"),
    ("complexAbs", lambda x, y: np.abs(x + 1j * y), "X Y"),
    ("complexAngle", lambda x, y: np.angle(x + 1j * y), "X Y"),
    ("complexConj", lambda x, y: c(np.conj(x + 1j * y)), "X Y"),
    ("polar", lambda x, y: c(x * np.exp(1j * y)), "P X"),
    ("attention", lambda x, y, z: sp.softmax(x @ y.T / 2, -1) @ z, "X Y M"),
    ("conv2d", lambda x, y: ss.correlate2d(x, y.reshape(2, 2), 'valid'), "X V4"),
    ("avgPool2d", lambda x: ss.correlate2d(x, np.full((2, 2), 0.25), 'valid'), "X"),
    ("maxPool2d", lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)).max((-2, -1)), "X"),
]

STENCIL = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
STEP = 2e-3


def gradient(f, inputs, which):
    def loss():
        y = f(*inputs)
        return np.sum(np.cos(np.arange(y.size) + 1) * np.ravel(y))

    x = inputs[which]
    g = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        before = x[at]
        for steps, weight in STENCIL:
            x[at] = before + steps * STEP
            up = loss()
            x[at] = before - steps * STEP
            g[at] += weight * (up - loss())
        x[at] = before
    return g / STEP


def text(a):
    return ",".join(map(str, a.shape)) + ":" + ",".join(repr(float(v)) for v in np.ravel(a))


for name, f, letters in CASES:
    inputs = [INPUTS[letter].copy() for letter in letters.split()]
    y = np.asarray(f(*inputs))
    parts = [name, str(len(inputs))] + [text(x) for x in inputs] + [text(y)]
    if y.dtype == np.float64:
        parts += [text(gradient(f, inputs, i)) for i in range(len(inputs))]
    print(" ".join(parts))

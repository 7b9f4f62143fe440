package kawi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DigitsTest {
    /** The bytes are a promise: the same on every machine and in every version. */
    @Test
    void theBytesAreFixed() throws GeneralSecurityException {
        assertThat(sha256(Digits.images(Digits.Split.TRAIN, 0, 2000)))
                .isEqualTo("7bf30fd33125643cce53eead18b2159af688e1c16be999b23c931b24a5bc6b53");
        assertThat(sha256(Digits.images(Digits.Split.TEST, 8000, 10_000)))
                .isEqualTo("a0faa6467c40b20e59bfded5e33c5d1802fd3b9cbca92643f58b7652562c71cd");
    }

    /** An image depends on its own number alone. */
    @Test
    void anyPartEqualsThePartOfTheWhole() {
        GreyImages whole = Digits.images(Digits.Split.TEST, 0, 1500);
        GreyImages part = Digits.images(Digits.Split.TEST, 700, 1100);
        assertThat(part.pixels()).isEqualTo(Arrays.copyOfRange(whole.pixels(), 700 * 784, 1100 * 784));
        assertThat(part.labels()).isEqualTo(Arrays.copyOfRange(whole.labels(), 700, 1100));
    }

    @Test
    void theSplitsDifferAndTheClassesAreEven() {
        GreyImages test = Digits.images(Digits.Split.TEST);
        GreyImages train = Digits.images(Digits.Split.TRAIN, 0, 10_000);
        assertThat(test.count()).isEqualTo(10_000);
        assertThat(test.pixels()).isNotEqualTo(train.pixels());
        int[] counts = new int[10];
        for (byte label : test.labels()) {
            counts[label]++;
        }
        // Binomial(10000, 0.1): standard deviation 30.
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(880, 1120));
    }

    /** Every image holds a digit's worth of ink, and the ink keeps clear of at least three corners of the frame. */
    @Test
    void everyImageHasInk() {
        GreyImages images = Digits.images(Digits.Split.TEST);
        for (int i = 0; i < images.count(); i++) {
            int bright = 0;
            for (int p = 0; p < 784; p++) {
                bright += Byte.toUnsignedInt(images.pixels()[i * 784 + p]) > 100 ? 1 : 0;
            }
            assertThat(bright).as("image %d of a %d", i, images.labels()[i]).isBetween(12, 400);
        }
    }

    /** Hard enough to be worth a network: softmax regression on the pixels stays below 90 %, and is far above chance. */
    @Test
    void softmaxRegressionStaysBelowNinetyPercent() {
        GreyImages train = Digits.images(Digits.Split.TRAIN, 0, 30_000);
        GreyImages test = Digits.images(Digits.Split.TEST, 0, 5000);
        SoftmaxRegression model = new SoftmaxRegression(784, 10);
        for (int epoch = 0; epoch < 4; epoch++) {
            model.fit(train, 0.02f / (1 + epoch));
        }
        assertThat(model.accuracy(test)).isBetween(0.65, 0.90);
    }

    @Test
    void aRangeOutsideTheSplit() {
        assertThatThrownBy(() -> Digits.images(Digits.Split.TEST, 0, 10_001))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("test holds 0 … 10000");
    }

    private static String sha256(GreyImages images) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(images.labels());
        digest.update(images.pixels());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Multinomial logistic regression by plain stochastic gradient descent. */
    private static final class SoftmaxRegression {
        private final float[][] weights;

        SoftmaxRegression(int inputs, int classes) {
            weights = new float[classes][inputs + 1];
        }

        void fit(GreyImages images, float rate) {
            float[] x = new float[785];
            for (int i = 0; i < images.count(); i++) {
                float[] p = probabilities(images, i, x);
                for (int c = 0; c < p.length; c++) {
                    float step = rate * ((c == images.labels()[i] ? 1 : 0) - p[c]);
                    for (int j = 0; j < x.length; j++) {
                        weights[c][j] += step * x[j];
                    }
                }
            }
        }

        double accuracy(GreyImages images) {
            float[] x = new float[785];
            int right = 0;
            for (int i = 0; i < images.count(); i++) {
                float[] p = probabilities(images, i, x);
                int best = 0;
                for (int c = 1; c < p.length; c++) {
                    best = p[c] > p[best] ? c : best;
                }
                right += best == images.labels()[i] ? 1 : 0;
            }
            return right / (double) images.count();
        }

        private float[] probabilities(GreyImages images, int i, float[] x) {
            for (int j = 0; j < 784; j++) {
                x[j] = Byte.toUnsignedInt(images.pixels()[i * 784 + j]) / 255f;
            }
            x[784] = 1;
            float[] p = new float[weights.length];
            float largest = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < p.length; c++) {
                for (int j = 0; j < x.length; j++) {
                    p[c] += weights[c][j] * x[j];
                }
                largest = Math.max(largest, p[c]);
            }
            float sum = 0;
            for (int c = 0; c < p.length; c++) {
                p[c] = (float) StrictMath.exp(p[c] - largest);
                sum += p[c];
            }
            for (int c = 0; c < p.length; c++) {
                p[c] /= sum;
            }
            return p;
        }
    }
}

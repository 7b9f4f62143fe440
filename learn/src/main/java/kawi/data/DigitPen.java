package kawi.data;

import java.util.Arrays;

/**
 * Draws one digit after another; not shared between threads. Only additions, products, quotients and square roots of floats, whose
 * results the language fixes, so the bytes are the same on every machine.
 */
final class DigitPen {
    private static final int SIZE = Digits.SIZE;
    private static final int STEPS = 4;
    private static final int GRID = 4;

    private final float[] ink = new float[SIZE * SIZE];
    private final float[] displacement = new float[2 * GRID * GRID];
    private float xx;
    private float xy;
    private float yx;
    private float yy;
    private float centreX;
    private float centreY;

    /** Draws a digit into {@code pixels} from {@code offset} on. */
    void draw(int digit, SplitMix random, byte[] pixels, int offset) {
        Arrays.fill(ink, 0);
        DigitStrokes.Style[] styles = DigitStrokes.STYLES[digit];
        DigitStrokes.Style style = styles[random.below(styles.length)];
        choosePlacement(random);
        float radius = random.uniform(0.65f, 1.75f);
        for (float[] stroke : style.strokes()) {
            drawStroke(place(stroke, random), radius, random);
        }
        develop(random, pixels, offset);
    }

    /** Slant, rotation, scale, shift and the elastic displacement of the whole digit. */
    private void choosePlacement(SplitMix random) {
        float height = random.uniform(16, 21);
        float width = height * random.uniform(0.6f, 0.95f);
        float slant = random.uniform(-0.15f, 0.45f);
        // (1 − t²) / (1 + t²) and 2t / (1 + t²) are the cosine and sine of 2 arctan t: here up to ±13°.
        float t = random.uniform(-0.115f, 0.115f);
        float cosine = (1 - t * t) / (1 + t * t);
        float sine = 2 * t / (1 + t * t);
        xx = cosine * width;
        xy = (-cosine * slant - sine) * height;
        yx = sine * width;
        yy = (cosine - sine * slant) * height;
        centreX = SIZE / 2f + random.uniform(-2.6f, 2.6f);
        centreY = SIZE / 2f + random.uniform(-2.6f, 2.6f);
        for (int i = 0; i < displacement.length; i++) {
            displacement[i] = random.bell() * 1.3f;
        }
    }

    /** The jittered points of a stroke in pixels. */
    private float[] place(float[] stroke, SplitMix random) {
        float[] placed = new float[stroke.length];
        for (int i = 0; i < stroke.length; i += 2) {
            boolean corner = i > 0 && stroke[i] == stroke[i - 2] && stroke[i + 1] == stroke[i - 1];
            if (corner) {
                placed[i] = placed[i - 2];
                placed[i + 1] = placed[i - 1];
                continue;
            }
            float x = stroke[i] - 0.5f + random.bell() * 0.032f;
            float y = stroke[i + 1] - 0.5f + random.bell() * 0.032f;
            float px = centreX + xx * x + xy * y;
            float py = centreY + yx * x + yy * y;
            placed[i] = px + displaced(px, py, 0);
            placed[i + 1] = py + displaced(px, py, GRID * GRID);
        }
        return placed;
    }

    /** The displacement field at a point: smooth interpolation of a coarse random grid. */
    private float displaced(float px, float py, int part) {
        float gx = Math.clamp(px / SIZE * (GRID - 1), 0, GRID - 1.001f);
        float gy = Math.clamp(py / SIZE * (GRID - 1), 0, GRID - 1.001f);
        int column = (int) gx;
        int row = (int) gy;
        float u = gx - column;
        float v = gy - row;
        u = u * u * (3 - 2 * u);
        v = v * v * (3 - 2 * v);
        int at = part + row * GRID + column;
        float above = displacement[at] + u * (displacement[at + 1] - displacement[at]);
        float below = displacement[at + GRID] + u * (displacement[at + GRID + 1] - displacement[at + GRID]);
        return above + v * (below - above);
    }

    /** A smooth curve through the points, as short capsules whose radius changes along the stroke. */
    private void drawStroke(float[] points, float radius, SplitMix random) {
        int segments = points.length / 2 - 1;
        float width = radius * random.uniform(0.8f, 1.2f);
        float change = random.uniform(-0.25f, 0.25f) * radius / (segments * STEPS);
        for (int i = 0; i < segments; i++) {
            int b = 2 * i;
            int c = b + 2;
            int a = Math.max(0, b - 2);
            int d = Math.min(points.length - 2, c + 2);
            float x0 = points[b];
            float y0 = points[b + 1];
            if (x0 == points[c] && y0 == points[c + 1]) {
                continue;
            }
            for (int step = 1; step <= STEPS; step++) {
                float t = step / (float) STEPS;
                float x1 = catmullRom(points[a], points[b], points[c], points[d], t);
                float y1 = catmullRom(points[a + 1], points[b + 1], points[c + 1], points[d + 1], t);
                capsule(x0, y0, x1, y1, width);
                width += change;
                x0 = x1;
                y0 = y1;
            }
        }
    }

    private static float catmullRom(float a, float b, float c, float d, float t) {
        return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }

    /** Ink within {@code radius} of the line from (x0, y0) to (x1, y1), its edge one pixel soft. */
    private void capsule(float x0, float y0, float x1, float y1, float radius) {
        float reach = radius + 0.5f;
        int left = Math.max(0, (int) Math.ceil(Math.min(x0, x1) - reach));
        int right = Math.min(SIZE - 1, (int) Math.floor(Math.max(x0, x1) + reach));
        int top = Math.max(0, (int) Math.ceil(Math.min(y0, y1) - reach));
        int bottom = Math.min(SIZE - 1, (int) Math.floor(Math.max(y0, y1) + reach));
        float dx = x1 - x0;
        float dy = y1 - y0;
        float scale = 1 / (dx * dx + dy * dy + 1e-12f);
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                float px = x - x0;
                float py = y - y0;
                float along = Math.clamp((px * dx + py * dy) * scale, 0f, 1f);
                float ex = px - along * dx;
                float ey = py - along * dy;
                float squared = ex * ex + ey * ey;
                if (squared < reach * reach) {
                    float strength = Math.min(1, reach - (float) Math.sqrt(squared));
                    int at = y * SIZE + x;
                    ink[at] = Math.max(ink[at], strength);
                }
            }
        }
    }

    /** From ink to bytes: strength of the pen, uneven ink, noise of the paper. */
    private void develop(SplitMix random, byte[] pixels, int offset) {
        float strength = random.uniform(150, 255);
        float uneven = random.uniform(0.02f, 0.15f);
        float noise = random.uniform(0, 24);
        for (int i = 0; i < ink.length; i++) {
            float value = ink[i] * strength * (1 + uneven * random.bell()) + noise * random.bell();
            pixels[offset + i] = (byte) (int) Math.clamp(value, 0f, 255f);
        }
    }
}

package kawi.graph;

import kawi.base.DType;
import kawi.base.Shape;

/** What is known of a value before it is computed. */
public record Type(DType dtype, Shape shape) {
    @Override
    public String toString() {
        return dtype + shape.toString();
    }
}

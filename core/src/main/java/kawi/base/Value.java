package kawi.base;

/** A computed array: memory and the way to read it. */
public record Value(Buffer buffer, View view) {
    /** Where the buffer's element 0 of the view lies, in bytes. */
    public long offsetBytes(DType dtype) {
        return view.offset() * dtype.bytes();
    }
}

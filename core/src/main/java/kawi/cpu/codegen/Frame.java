package kawi.cpu.codegen;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import kawi.cpu.EmittedCode;

/** Local variables of a kernel method: parameters, and per access the segment, the row's address and the strides. */
final class Frame {
    final int segments;
    final int args;
    final int[] segment;
    /** Byte address of the row's first element; for an index, its number there. */
    final int[] base;

    final int[] row;
    /** Stride between columns, for accesses whose stride is not 0 or 1; else −1. */
    final int[] inner;

    final int column;
    final int rowNumber;

    /** Takes everything out of the parameters into locals, where C2 knows that nobody changes it. */
    Frame(CodeBuilder code, Structure structure, int segments, int args) {
        this.segments = segments;
        this.args = args;
        int n = structure.accesses().size();
        segment = new int[n];
        base = new int[n];
        row = new int[n];
        inner = new int[n];
        column = code.allocateLocal(TypeKind.INT);
        rowNumber = code.allocateLocal(TypeKind.INT);
        for (int a = 0; a < n; a++) {
            Structure.Place place = structure.accesses().get(a);
            if (place.buffered()) {
                segment[a] = code.allocateLocal(TypeKind.REFERENCE);
                code.aload(segments).loadConstant(a).aaload().astore(segment[a]);
                EmittedCode.needNative(code, segment[a]);
            }
            base[a] = argument(code, a);
            row[a] = argument(code, n + a);
            inner[a] = place.inner() == Structure.Inner.OTHER ? argument(code, 2 * n + a) : -1;
        }
    }

    private int argument(CodeBuilder code, int index) {
        int slot = code.allocateLocal(TypeKind.LONG);
        code.aload(args).loadConstant(index).laload().lstore(slot);
        return slot;
    }

    /** Moves all addresses to the next row. */
    void nextRow(CodeBuilder code) {
        for (int a = 0; a < base.length; a++) {
            code.lload(base[a]).lload(row[a]).ladd().lstore(base[a]);
        }
        code.iinc(rowNumber, 1);
    }
}

package kawi.cpu.codegen;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import kawi.cpu.codegen.Program.Step;

/**
 * Writes the steps of a program as bytecode, each value into a local variable of its own. Scalar and vector code are two
 * forms of the same program.
 */
abstract class Form {
    static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");

    final CodeBuilder code;
    final Structure structure;
    final Program program;
    /** The locals of one method that both loops and steps use. */
    final Frame frame;
    /** Local of each value; −1 where none was written yet. */
    final int[] local;
    /** Columns from the frame's to the one that code is being written for. */
    private int ahead;

    Form(CodeBuilder code, Structure structure, Frame frame) {
        this.code = code;
        this.structure = structure;
        this.program = structure.program();
        this.frame = frame;
        this.local = new int[program.size()];
        Arrays.fill(local, -1);
    }

    /** Lanes of a step: 1 or the vector's. */
    abstract int lanes();

    /** Leaves the value of a step on the stack; its arguments are in locals. */
    abstract void compute(Step s);

    /** Writes a value to an access at the current place. */
    abstract void store(int access, int value);

    abstract void loadLocal(Lane lane, int slot);

    abstract void storeLocal(Lane lane, int slot);

    abstract int allocate(Lane lane);

    /** Writes from now on the code for the column so many after the frame's. */
    final void ahead(int columns) {
        ahead = columns;
    }

    private void column() {
        code.iload(frame.column);
        if (ahead > 0) {
            code.loadConstant(ahead).iadd();
        }
        code.i2l();
    }

    /** Writes all needed steps that belong to a loop level. */
    final void emitLevel(Structure.Level level) {
        for (int i = 0; i < program.size(); i++) {
            if (structure.level(i) == level) {
                compute(program.step(i));
                if (local[i] < 0) {
                    local[i] = allocate(program.step(i).lane());
                }
                storeLocal(program.step(i).lane(), local[i]);
            }
        }
    }

    final void load(int value) {
        loadLocal(program.step(value).lane(), local[value]);
    }

    /** The byte address of an access at the current column, on the stack. */
    final void address(int access) {
        code.lload(frame.base[access]);
        switch (structure.accesses().get(access).inner()) {
            case NONE -> {}
            case UNIT -> {
                column();
                int bytes = structure.accesses().get(access).type().bytes();
                if (bytes > 1) {
                    code.loadConstant((long) bytes).lmul();
                }
                code.ladd();
            }
            case OTHER -> {
                column();
                code.lload(frame.inner[access]).lmul().ladd();
            }
        }
    }

    final void call(ClassDesc owner, String name, ClassDesc result, ClassDesc... args) {
        code.invokestatic(owner, name, MethodTypeDesc.of(result, args));
    }

    /** Pushes the argument of the launch in a slot, as a scalar of a lane. */
    final void scalarArgument(Lane lane, long slot) {
        code.aload(frame.args)
                .loadConstant((int) (3L * structure.accesses().size() + slot))
                .laload();
        ClassDesc number = ClassDesc.of("java.lang.Double");
        switch (lane) {
            case F64 -> call(number, "longBitsToDouble", ConstantDescs.CD_double, ConstantDescs.CD_long);
            case F32 -> {
                call(number, "longBitsToDouble", ConstantDescs.CD_double, ConstantDescs.CD_long);
                code.d2f();
            }
            case I32 -> code.l2i();
            case I64 -> {}
            case MASK -> code.loadConstant(0L).lcmp().dup().imul();
        }
    }

    /** Pushes a literal as a scalar of a lane. */
    final void literal(Lane lane, long bits) {
        switch (lane) {
            case F32 -> code.loadConstant(Float.intBitsToFloat((int) bits));
            case F64 -> code.loadConstant(Double.longBitsToDouble(bits));
            case I64 -> code.loadConstant(bits);
            case I32, MASK -> code.loadConstant((int) bits);
        }
    }
}

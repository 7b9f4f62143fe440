package kawi.cpu.codegen;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import kawi.cpu.EmittedCode;
import kawi.cpu.codegen.Structure.Level;
import kawi.device.LoopNest;

/**
 * Writes the hidden class of a structure: method {@code run} with the vector loops, and static {@code points} with the
 * scalar ones for the columns that fill no vector. Tails run after the vector loops of all rows, in one call.
 */
final class KernelClass {
    private static final ClassDesc NAME = ClassDesc.of("kawi.cpu.codegen.FusedLoop");
    private static final ClassDesc SEGMENTS = Form.SEGMENT.arrayType();
    private static final ClassDesc ARGUMENTS = CD_long.arrayType();

    /** Bytes of bytecode from which HotSpot leaves a method to the interpreter. */
    private static final int HUGE = 8000;

    /** Basic steps of unrolled code, and copies at most: there are registers for so many partial results. */
    private static final int UNROLLED_STEPS = 64;

    private static final int MOST_COPIES = 8;

    private final Structure structure;
    /** The class of a row's partial results; unused where rows are not combined. */
    private final ClassDesc partials;

    private KernelClass(Structure structure) {
        this.structure = structure;
        this.partials = structure.combine() == Structure.Combine.COLUMNS
                ? structure.reducedLane().scalar.arrayType()
                : CD_Object;
    }

    /** Compiles a structure to a kernel; one that is too large for C2 to its scalar form, which is smaller. */
    static Kernel define(Structure structure) {
        byte[] bytes = new KernelClass(structure).bytes();
        if (structure.bits() > 0 && largestMethod(bytes) >= HUGE) {
            bytes = new KernelClass(structure.scalar()).bytes();
        }
        return EmittedCode.load(MethodHandles.lookup(), bytes, Kernel.class);
    }

    private static int largestMethod(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream()
                .mapToInt(m -> m.findAttribute(Attributes.code())
                        .map(CodeAttribute::codeLength)
                        .orElse(0))
                .max()
                .orElse(0);
    }

    private MethodTypeDesc pointsType() {
        return MethodTypeDesc.of(CD_void, SEGMENTS, ARGUMENTS, partials, CD_int, CD_int, CD_int, CD_int);
    }

    private byte[] bytes() {
        return ClassFile.of().build(NAME, c -> {
            c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            c.withInterfaceSymbols(ClassDesc.of("kawi.cpu.codegen.Kernel"));
            c.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            c.withMethodBody(
                    "run",
                    MethodTypeDesc.of(CD_void, SEGMENTS, ARGUMENTS, CD_int, CD_int),
                    ClassFile.ACC_PUBLIC,
                    this::run);
            c.withMethodBody("points", pointsType(), ClassFile.ACC_STATIC, this::points);
        });
    }

    // ---- run(this, segments, arguments, rows, columns) ----

    private void run(CodeBuilder code) {
        switch (structure.combine()) {
            case STORE, ROWS -> {
                vectorRows(code);
                code.return_();
            }
            case COLUMNS -> reduceColumns(code);
        }
    }

    /** All rows: whole vectors here, then what is left of every row in {@code points}. */
    private void vectorRows(CodeBuilder code) {
        Label tail = code.newLabel();
        Label end = code.newLabel();
        int limit = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(limit);
        if (structure.bits() > 0) {
            code.block(inner -> {
                Frame frame = new Frame(inner, structure, 1, 2);
                VectorForm form = new VectorForm(inner, structure, frame);
                inner.iload(4).loadConstant(-form.lanes()).iand().istore(limit);
                inner.iload(limit).ifeq(tail);
                form.prepareIndices();
                form.emitLevel(Level.KERNEL);
                inner.iconst_0().istore(frame.rowNumber);
                rows(inner, frame, 3, () -> {
                    form.emitLevel(Level.ROW);
                    inner.iconst_0().istore(frame.column);
                    columns(inner, frame, limit, form.lanes(), () -> {
                        form.emitLevel(Level.COLUMN);
                        structure.stores().forEach(s -> {
                            if (structure.combine() == Structure.Combine.STORE) {
                                form.store(s.access(), s.value());
                            } else {
                                form.combine(s.access(), structure.reducedLane(), s.value(), method());
                            }
                        });
                    });
                    frame.nextRow(inner);
                });
            });
        }
        code.labelBinding(tail);
        code.iload(limit).iload(4).if_icmpge(end);
        code.aload(1).aload(2).aconst_null();
        code.iconst_0().iload(3).iload(limit).iload(4).invokestatic(NAME, "points", pointsType());
        code.labelBinding(end);
    }

    /** Per row: vectors into 64 partial results, the rest one by one, then the fold. */
    private void reduceColumns(CodeBuilder code) {
        Lane lane = structure.reducedLane();
        LoopNest.Store store = structure.stores().getFirst();
        int partial = neutralPartials(code);
        int limit = code.allocateLocal(TypeKind.INT);
        int slot = code.allocateLocal(TypeKind.INT);
        Frame frame = new Frame(code, structure, 1, 2);
        ScalarForm scalar = new ScalarForm(code, structure, frame);
        code.iconst_0().istore(limit);
        VectorForm form = structure.bits() > 0 ? new VectorForm(code, structure, frame) : null;
        if (form != null) {
            code.iload(4).loadConstant(-form.lanes()).iand().istore(limit);
            form.prepareIndices();
            form.emitLevel(Level.KERNEL);
            neutral(code);
        }
        int neutral = form == null ? -1 : form.keep(lane);
        int left = form == null ? LoopNest.LANES : form.lanes();
        code.iconst_0().istore(frame.rowNumber);
        rows(code, frame, 3, () -> {
            if (form != null) {
                form.emitLevel(Level.ROW);
                wholeSets(code, frame, form, partial, neutral);
                columns(code, frame, limit, form.lanes(), () -> {
                    form.emitLevel(Level.COLUMN);
                    code.iload(frame.column)
                            .loadConstant(LoopNest.LANES - 1)
                            .iand()
                            .istore(slot);
                    form.combine(partial, slot, lane, store.value(), method());
                });
            }
            Label whole = code.newLabel();
            code.iload(limit).iload(4).if_icmpge(whole);
            code.aload(1)
                    .aload(2)
                    .aload(partial)
                    .iload(frame.rowNumber)
                    .iload(frame.rowNumber)
                    .iconst_1()
                    .iadd();
            code.iload(limit).iload(4).invokestatic(NAME, "points", pointsType());
            code.labelBinding(whole);
            if (form != null) {
                Label folded = code.newLabel();
                code.iload(4).loadConstant(left).if_icmple(folded);
                form.fold(partial, lane, LoopNest.LANES, neutral, method());
                code.labelBinding(folded);
            }
            code.aload(frame.segment[store.access()]);
            scalar.layout(structure.accesses().get(store.access()).type());
            scalar.address(store.access());
            code.aload(partial).iload(4).loadConstant(left);
            code.invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int));
            neutral(code);
            code.loadConstant(structure.reduction().ordinal());
            code.invokestatic(
                    ClassDesc.of("kawi.cpu.codegen.Partials"),
                    "fold",
                    MethodTypeDesc.of(lane.scalar, partials, CD_int, lane.scalar, CD_int));
            scalar.finishStore(structure.accesses().get(store.access()).type(), lane);
            frame.nextRow(code);
        });
        code.return_();
    }

    /**
     * The columns of a row that fill all 64 partial results equally, with partial results in registers: as many of them
     * at a time as the code stays small for, then the next. The frame's column is the one after them in the end.
     */
    private void wholeSets(CodeBuilder code, Frame frame, VectorForm form, int partial, int neutral) {
        Lane lane = structure.reducedLane();
        int value = structure.stores().getFirst().value();
        int lanes = form.lanes();
        int copies = Integer.highestOneBit(Math.clamp(
                UNROLLED_STEPS / Math.max(1, structure.work()), 1, Math.min(MOST_COPIES, LoopNest.LANES / lanes)));
        int whole = code.allocateLocal(TypeKind.INT);
        int first = code.allocateLocal(TypeKind.INT);
        int[] results = new int[copies];
        for (int j = 0; j < copies; j++) {
            results[j] = form.allocate(lane);
        }
        code.iload(4).loadConstant(-LoopNest.LANES).iand().istore(whole);
        code.iconst_0().istore(frame.column);
        Label none = code.newLabel();
        code.iload(whole).ifeq(none);
        code.iconst_0().istore(first);
        Label next = code.newBoundLabel();
        for (int result : results) {
            code.aload(neutral).astore(result);
        }
        code.iload(first).istore(frame.column);
        columns(code, frame, whole, LoopNest.LANES, () -> {
            for (int j = 0; j < copies; j++) {
                form.ahead(j * lanes);
                form.emitLevel(Level.COLUMN);
                form.combineLocal(results[j], lane, value, method());
            }
            form.ahead(0);
        });
        for (int j = 0; j < copies; j++) {
            form.intoArray(results[j], partial, first, j * lanes, lane);
        }
        code.iinc(first, copies * lanes);
        code.iload(first).loadConstant(LoopNest.LANES).if_icmplt(next);
        code.iload(whole).istore(frame.column);
        code.labelBinding(none);
    }

    /** A new array of neutral elements, in a local. */
    private int neutralPartials(CodeBuilder code) {
        int partial = code.allocateLocal(TypeKind.REFERENCE);
        code.loadConstant(LoopNest.LANES).newarray(structure.reducedLane().kind).astore(partial);
        code.aload(partial);
        neutral(code);
        code.invokestatic(
                ClassDesc.of("java.util.Arrays"),
                "fill",
                MethodTypeDesc.of(CD_void, partials, structure.reducedLane().scalar));
        return partial;
    }

    private void neutral(CodeBuilder code) {
        Partials.Neutral n = Partials.neutral(
                structure.reduction(),
                structure.accesses().get(structure.stores().getFirst().access()).type());
        switch (structure.reducedLane()) {
            case F32 -> code.loadConstant((float) n.number());
            case F64 -> code.loadConstant(n.number());
            case I64 -> code.loadConstant(n.integer());
            case I32, MASK -> code.loadConstant((int) n.integer());
        }
    }

    private String method() {
        return switch (structure.reduction()) {
            case SUM -> "add";
            case MAX -> "max";
            case MIN -> "min";
        };
    }

    // ---- points(segments, arguments, partials, row, rows, column, columns) ----

    private void points(CodeBuilder code) {
        Frame frame = new Frame(code, structure, 0, 1);
        ScalarForm form = new ScalarForm(code, structure, frame);
        for (int a = 0; a < frame.base.length; a++) {
            code.lload(frame.base[a])
                    .lload(frame.row[a])
                    .iload(3)
                    .i2l()
                    .lmul()
                    .ladd()
                    .lstore(frame.base[a]);
        }
        form.emitLevel(Level.KERNEL);
        code.iload(3).istore(frame.rowNumber);
        rows(code, frame, 4, () -> {
            form.emitLevel(Level.ROW);
            code.iload(5).istore(frame.column);
            columns(code, frame, 6, 1, () -> {
                form.emitLevel(Level.COLUMN);
                switch (structure.combine()) {
                    case STORE -> structure.stores().forEach(s -> form.store(s.access(), s.value()));
                    case ROWS -> {
                        LoopNest.Store store = structure.stores().getFirst();
                        form.combine(store.access(), structure.reducedLane(), store.value(), structure.reduction());
                    }
                    case COLUMNS -> combineColumn(code, form, frame);
                }
            });
            frame.nextRow(code);
        });
        code.return_();
    }

    private void combineColumn(CodeBuilder code, ScalarForm form, Frame frame) {
        Lane lane = structure.reducedLane();
        code.aload(2);
        code.iload(frame.column).loadConstant(LoopNest.LANES - 1).iand();
        code.dup2().arrayLoad(lane.kind);
        form.load(structure.stores().getFirst().value());
        form.combine(lane, structure.reduction());
        code.arrayStore(lane.kind);
    }

    // ---- loops ----

    /** {@code while (row < rows) body}; the body moves to the next row. */
    private static void rows(CodeBuilder code, Frame frame, int rows, Runnable body) {
        Label top = code.newBoundLabel();
        Label end = code.newLabel();
        code.iload(frame.rowNumber).iload(rows).if_icmpge(end);
        body.run();
        code.goto_(top).labelBinding(end);
    }

    private static void columns(CodeBuilder code, Frame frame, int limit, int step, Runnable body) {
        Label top = code.newBoundLabel();
        Label end = code.newLabel();
        code.iload(frame.column).iload(limit).if_icmpge(end);
        body.run();
        code.iinc(frame.column, step).goto_(top).labelBinding(end);
    }
}

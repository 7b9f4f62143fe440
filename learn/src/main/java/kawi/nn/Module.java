package kawi.nn;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A network or a part of one: a class with fields and a {@code forward}. Parameters and parts are found in the fields,
 * in lists and arrays of them too, and named by the path to them, such as {@code hidden.weight} or {@code
 * blocks.0.bias}. Nothing is registered.
 *
 * <pre>{@code
 * class Mlp extends Module {
 *     final Linear hidden = new Linear(784, 256), output = new Linear(256, 10);
 *     @Override public Tensor forward(Tensor x) { return output.forward(hidden.forward(x).relu()); }
 * }
 * }</pre>
 */
public abstract class Module {
    private boolean training = true;
    /** The longest path to this module from any that was asked for its parts: for messages. */
    private transient String path = "";

    /** The output for an input. Modules with other inputs declare a method of their own and leave this one. */
    public Tensor forward(Tensor x) {
        throw new KawiException((getClass().isAnonymousClass() ? "an anonymous " : "") + name()
                + " has no forward(Tensor): override it, or call the method that the class declares instead");
    }

    /** What a layer multiplies and adds for one forward pass; 0 for layers without products. */
    public long multiplyAdds(Shape input, Shape output) {
        return 0;
    }

    /** One line on the settings, for summaries. */
    @Override
    public String toString() {
        return name();
    }

    /** The name of the class, for an anonymous one that of the class it extends. */
    private String name() {
        Class<?> type = getClass();
        return (type.isAnonymousClass() ? type.getSuperclass() : type).getSimpleName();
    }

    /** The parameters, each once, in the order of the fields. */
    public final List<Parameter> parameters() {
        return namedParameters().values().stream().toList();
    }

    /** The parameters by name. */
    public final Map<String, Parameter> namedParameters() {
        Map<String, Parameter> found = new LinkedHashMap<>();
        state().forEach((name, v) -> {
            if (v instanceof Parameter p) {
                found.put(name, p);
            }
        });
        return found;
    }

    /** Everything that makes up the trained module by name: parameters and other variables such as running statistics. */
    public final Map<String, Variable> state() {
        Map<String, Variable> found = new LinkedHashMap<>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        visit("", this, seen, (name, part) -> {
            if (part instanceof Variable v) {
                found.put(name, v);
            }
        });
        return found;
    }

    /** This module and all parts by path; this one's path is empty. */
    public final Map<String, Module> modules() {
        Map<String, Module> found = new LinkedHashMap<>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        visit("", this, seen, (name, part) -> {
            if (part instanceof Module m) {
                found.put(name, m);
            }
        });
        return found;
    }

    /** Number of trained numbers. */
    public final long parameterCount() {
        return parameters().stream().mapToLong(Tensor::size).sum();
    }

    /** Behave as in training from now on: dropout drops, batch normalisation uses the batch. Returns this. */
    public final Module train() {
        modules().values().forEach(m -> m.training = true);
        return this;
    }

    /** Behave as in use from now on. Returns this. */
    public final Module eval() {
        modules().values().forEach(m -> m.training = false);
        return this;
    }

    /** Whether this module behaves as in training. */
    public final boolean training() {
        return training;
    }

    /** Sets the behaviour of this module alone, without its parts. */
    final void training(boolean on) {
        training = on;
    }

    /** What {@link Summary} tells of the layers for an input of the given shape, as a table. */
    public final String summary(int... inputShape) {
        return Summary.of(this, inputShape).toString();
    }

    /**
     * Tells a running {@link Trace}, summaries and the debugging tools what this layer made of its input, and returns the output. Layers that
     * have parameters of their own end their {@code forward} with it.
     */
    protected final Tensor traced(Tensor input, Tensor output) {
        Trace.note(this, input, output);
        Kawi.layer(input, output, () -> (path + " (" + this + ")").trim());
        return output;
    }

    private interface Visitor {
        void part(String name, Object part);
    }

    private static void visit(String path, @Nullable Object part, Set<Object> seen, Visitor visitor) {
        switch (part) {
            case null -> {}
            case Variable v -> {
                if (seen.add(v)) {
                    visitor.part(path, v);
                }
            }
            case Module m -> {
                if (seen.add(m)) {
                    m.path = path.length() > m.path.length() ? path : m.path;
                    visitor.part(path, m);
                    for (Field field : fields(m.getClass())) {
                        visit(
                                path.isEmpty() ? field.getName() : path + "." + field.getName(),
                                read(field, m),
                                seen,
                                visitor);
                    }
                }
            }
            case Iterable<?> list -> {
                int i = 0;
                for (Object element : list) {
                    visit(path + "." + i++, element, seen, visitor);
                }
            }
            case Object array
            when array.getClass().isArray() && !array.getClass().componentType().isPrimitive() -> {
                for (int i = 0; i < Array.getLength(array); i++) {
                    visit(path + "." + i, Array.get(array, i), seen, visitor);
                }
            }
            default -> {}
        }
    }

    /** Fields that may hold parts, those of base classes first. */
    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        Class<?> base = type.getSuperclass();
        if (base != null && base != Module.class && base != Object.class) {
            fields.addAll(fields(base));
        }
        for (Field f : type.getDeclaredFields()) {
            Class<?> t = f.getType();
            boolean holdsParts = Tensor.class.isAssignableFrom(t)
                    || Module.class.isAssignableFrom(t)
                    || Iterable.class.isAssignableFrom(t)
                    || t.isArray() && !t.componentType().isPrimitive();
            if (holdsParts
                    && !f.isSynthetic()
                    && !Modifier.isStatic(f.getModifiers())
                    && !Modifier.isTransient(f.getModifiers())) {
                fields.add(f);
            }
        }
        return fields;
    }

    private static @Nullable Object read(Field field, Object owner) {
        try {
            field.setAccessible(true);
            return field.get(owner);
        } catch (InaccessibleObjectException | IllegalAccessException e) {
            Class<?> type = field.getDeclaringClass();
            throw new KawiException(
                    ("%s.%s cannot be read, because module %s does not open its package to kawi.learn;"
                                    + " add to its module-info: opens %s to kawi.learn;")
                            .formatted(
                                    type.getSimpleName(),
                                    field.getName(),
                                    type.getModule().getName(),
                                    type.getPackageName()),
                    e);
        }
    }
}

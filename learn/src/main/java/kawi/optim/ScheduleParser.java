package kawi.optim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.base.KawiException;
import org.jspecify.annotations.Nullable;

/**
 * Schedules from text: {@code name(argument, …)}, then any number of {@code .name(argument, …)}; an argument is a number or a
 * schedule. The names are those of {@link Schedule}'s methods, found by reflection, so that a new one is written once.
 */
final class ScheduleParser {
    private static final int DEEPEST = 50;

    private final String text;
    private int at;
    /** How many schedules the present one is an argument of. */
    private int depth;

    ScheduleParser(String text) {
        this.text = text;
    }

    /** The whole text as a schedule. */
    Schedule parse() {
        Schedule schedule = schedule();
        skipSpace();
        if (at < text.length()) {
            throw wrong("the end or a dot");
        }
        return schedule;
    }

    private Schedule schedule() {
        if (depth++ == DEEPEST) {
            throw new KawiException(
                    "schedule: at character %d they are nested more than %d deep; write .then after each other"
                            .formatted(at + 1, DEEPEST));
        }
        Schedule schedule = call(null);
        skipSpace();
        while (at < text.length() && text.charAt(at) == '.') {
            at++;
            schedule = call(schedule);
            skipSpace();
        }
        depth--;
        return schedule;
    }

    /** A kind, or where {@code subject} is given something made of it. */
    private Schedule call(@Nullable Schedule subject) {
        int start = at;
        String name = name();
        Method method = methods(subject == null)
                .filter(m -> m.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    at = start;
                    return wrong(subject == null ? "the name of a schedule" : "the name of what is made of a schedule");
                });
        List<Object> arguments = arguments();
        try {
            return (Schedule) method.invoke(subject, fitted(method, arguments, start));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the methods of an interface are public", e);
        }
    }

    private List<Object> arguments() {
        List<Object> arguments = new ArrayList<>();
        expect('(', "an opening parenthesis");
        if (next() == ')') {
            at++;
            return arguments;
        }
        while (true) {
            arguments.add(Character.isLetter(next()) ? schedule() : number());
            if (next() == ')') {
                at++;
                return arguments;
            }
            expect(',', "a comma or a closing parenthesis");
        }
    }

    /** The arguments as the method takes them: numbers as {@code double} or whole, those of a variable number in an array. */
    private Object[] fitted(Method method, List<Object> given, int start) {
        Parameter[] parameters = method.getParameters();
        int fixed = method.isVarArgs() ? parameters.length - 1 : parameters.length;
        if (given.size() < fixed || given.size() > fixed && !method.isVarArgs()) {
            throw new KawiException("schedule \"%s\": %s takes %s arguments, but %d were given at character %d"
                    .formatted(
                            text,
                            signature(method),
                            method.isVarArgs() ? fixed + " or more" : fixed,
                            given.size(),
                            start + 1));
        }
        Object[] fitted = new Object[parameters.length];
        for (int i = 0; i < fixed; i++) {
            fitted[i] = fitted(method, parameters[i], parameters[i].getType(), given.get(i));
        }
        if (method.isVarArgs()) {
            long[] rest = new long[given.size() - fixed];
            for (int i = 0; i < rest.length; i++) {
                rest[i] = (long) fitted(method, parameters[fixed], long.class, given.get(fixed + i));
            }
            fitted[fixed] = rest;
        }
        return fitted;
    }

    private Object fitted(Method method, Parameter parameter, Class<?> type, Object given) {
        if (type == Schedule.class && given instanceof Schedule) {
            return given;
        }
        if (type == double.class && given instanceof Double) {
            return given;
        }
        if (type == long.class && given instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1L << 53) {
            return d.longValue();
        }
        throw new KawiException("schedule \"%s\": %s of %s is %s, but %s was given"
                .formatted(
                        text,
                        parameter.getName(),
                        signature(method),
                        type == Schedule.class ? "a schedule" : type == long.class ? "a whole number" : "a number",
                        given instanceof Schedule ? "a schedule" : given));
    }

    // Letters

    private String name() {
        skipSpace();
        int start = at;
        while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private Double number() {
        skipSpace();
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Double.valueOf(text.substring(start, at));
        } catch (NumberFormatException e) {
            at = start;
            throw wrong("a number or a schedule");
        }
    }

    /** The next letter that is no space, or a closing quote at the end. */
    private char next() {
        skipSpace();
        return at < text.length() ? text.charAt(at) : '"';
    }

    private void expect(char c, String what) {
        if (next() != c) {
            throw wrong(what);
        }
        at++;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private KawiException wrong(String wanted) {
        skipSpace();
        String rest = text.substring(at);
        String found = rest.isEmpty() ? "the end" : "'" + rest.split("[\\s(),.]", 2)[0] + "'";
        if (found.equals("''")) {
            found = "'" + rest.charAt(0) + "'";
        }
        return new KawiException(
                "schedule \"%s\": at character %d %s was expected, but %s was found. Known are %s; and of any, %s"
                        .formatted(text, at + 1, wanted, found, signatures(true), signatures(false)));
    }

    // What is known

    private static Stream<Method> methods(boolean kinds) {
        return Arrays.stream(Schedule.class.getMethods())
                .filter(m -> m.getReturnType() == Schedule.class && !m.getName().equals("parse"))
                .filter(m -> Modifier.isStatic(m.getModifiers()) == kinds)
                .sorted(Comparator.comparing(Method::getName));
    }

    private static String signatures(boolean kinds) {
        return methods(kinds).map(m -> (kinds ? "" : ".") + signature(m)).collect(Collectors.joining(", "));
    }

    private static String signature(Method method) {
        return Arrays.stream(method.getParameters())
                .map(p -> p.getName() + (p.isVarArgs() ? "…" : ""))
                .collect(Collectors.joining(", ", method.getName() + "(", ")"));
    }
}

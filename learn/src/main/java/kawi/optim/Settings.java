package kawi.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.tensor.Parameter;
import org.jspecify.annotations.Nullable;

/** What is set for an optimiser and not for a method; a method around another shares the other's. */
final class Settings {
    /** All parameters, each once: a state names them by their places. */
    final List<Parameter> parameters;

    /** The settings of the parameters that are in no other group, and the defaults of the groups. */
    final Group all;

    final Map<Parameter, Group> groups = new LinkedHashMap<>();
    final List<Clip> clips = new ArrayList<>();

    @Nullable
    Average average;

    /** How many losses make a step. */
    long accumulate = 1;

    /** Whether weight decay shrinks the parameter and not adds to the gradient. */
    boolean decoupled;

    boolean inPlace;

    Settings(List<Parameter> parameters, double learningRate) {
        this.parameters = parameters;
        this.all = new Group(null).learningRate(learningRate);
    }

    Group group(Parameter p) {
        return groups.getOrDefault(p, all);
    }
}

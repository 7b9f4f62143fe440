package kawi.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import kawi.base.KawiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules against their closed forms, worked out by hand. */
class ScheduleTest {
    /** A schedule as text, and at each of some steps its value. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "constant(0.1)                       | 0:0.1 5:0.1 1000000000000:0.1",
                "inverseTime(1, 10)                  | 0:1 10:0.5 30:0.25 90:0.1",
                "inverseSquareRoot(1, 10)            | 0:1 30:0.5 990:0.1",
                "step(1, 10, 0.5)                    | 0:1 9:1 10:0.5 25:0.25",
                "multiStep(1, 0.1, 3, 5)             | 0:1 2:1 3:0.1 4:0.1 5:0.01 100:0.01",
                "multiStep(1, 0.1)                   | 0:1 100:1",
                "exponential(2, 0.5)                 | 0:2 1:1 4:0.125",
                "polynomial(1, 0, 10, 2)             | 0:1 5:0.25 9:0.01 10:0 20:0",
                "polynomial(1.1, 0.1, 10, 1)         | 0:1.1 1:1 5:0.6 10:0.1 11:0.1",
                "cosine(1, 0, 100)                   | 0:1 25:0.8535533905932737 50:0.5 100:0 200:0",
                "cosine(0.1, 0.001, 1000)            | 0:0.1 500:0.0505 1000:0.001",
                "cosineRestarts(1, 0, 10, 1)         | 0:1 5:0.5 10:1 15:0.5 1000000000005:0.5",
                // cycles of 10, 20 and 40 steps
                "cosineRestarts(1, 0, 10, 2)         | 0:1 5:0.5 10:1 20:0.5 30:1 50:0.5 70:1",
                "triangular(0.1, 0.5, 4)             | 0:0.1 1:0.2 4:0.5 6:0.3 8:0.1 9:0.2",
                // PyTorch's OneCycleLR(max_lr=1, total_steps=10, pct_start=0.3): 0.04 at 0, 1 at its step 2, 4e-6 at 9
                "oneCycle(1, 10, 0.3)                | 0:0.04 1:0.52 2:1 9:4e-6 50:4e-6",
                "step(1, 10, 0.1).warmUp(4)          | 0:0.25 1:0.5 3:1 4:1 13:1 14:0.1",
                "constant(1).then(3, step(5, 2, 0.5))| 0:1 2:1 3:5 4:5 5:2.5",
                "exponential(2, 0.5).times(3)        | 0:6 1:3",
                "constant(0.1).batchSize(8192, 256)  | 0:3.2",
                "cosine(0.1,0,10).batchSize(512,256).warmUp(2) | 0:0.1 1:0.2 2:0.2 7:0.1 12:0",
                "  constant ( 1e-1 ) . times ( +2 )  | 0:0.2",
            })
    void hasItsClosedForm(String text, String values) {
        Schedule schedule = Schedule.parse(text);
        for (String pair : values.trim().split(" ")) {
            String[] stepAndRate = pair.split(":");
            double rate = Double.parseDouble(stepAndRate[1]);
            assertThat(schedule.at(Long.parseLong(stepAndRate[0])))
                    .as("%s at %s", text, stepAndRate[0])
                    .isCloseTo(rate, within(1e-12));
        }
    }

    /** What is wrong with a text, by parts of its error. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "cosin(0.1, 0, 10)        | at character 1 the name of a schedule was expected, but 'cosin' was found | cosine(rate, last, total)",
                "''                       | at character 1 | but the end was found",
                "parse(1)                 | the name of a schedule was expected, but 'parse' was found | constant(rate)",
                "cosine                   | an opening parenthesis was expected, but the end | cosine(rate",
                "cosine(0.1, 0            | a comma or a closing parenthesis | the end was found",
                "cosine(0.1, 0)           | cosine(rate, last, total) takes 3 arguments, but 2 were given | character 1",
                "cosine(0.1, 0, 10.5)     | total of cosine(rate, last, total) is a whole number, but 10.5 was given | cosine",
                "cosine(0.1, 0, 10, 3)    | takes 3 arguments, but 4 | cosine",
                "cosine(0.1; 0; 10)       | a comma or a closing parenthesis was expected, but ';' was found | character 11",
                "cosine(-, 0, 10)         | a number or a schedule was expected, but '-' was found | character 8",
                "constant(1) constant(2)  | the end or a dot was expected, but 'constant' was found | character 13",
                "constant(1).warm(3)      | what is made of a schedule was expected, but 'warm' was found | .warmUp(steps)",
                "constant(constant(1))    | rate of constant(rate) is a number, but a schedule was given | constant",
                "constant(1).then(3, 4)   | is a schedule, but 4.0 was given | then(steps, next)",
                "multiStep(1, 0.5, 4, 4)  | rising order | number 2 is 4 after 4",
                "constant(0)              | constant: the learning rate is a number above 0, but 0.0 was given | constant",
                "constant(1e400)          | the learning rate is a number above 0, but Infinity was given | constant",
                "cosine(0.1, -1, 10)      | cosine: the last rate | -1.0",
                "step(0.1, 0, 0.5)        | step: the number of steps starts at 1, but 0 was given | step",
                "step(0.1, 10, -1)        | step: the factor | -1.0",
                "oneCycle(1, 10, 1)       | oneCycle: the rising part | 1.0",
            })
    void anErrorNamesWhatWasFound(String text, String part, String other) {
        assertThatThrownBy(() -> Schedule.parse(text))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll(part, other);
    }

    @Test
    void aTextNestedWithoutEndIsRefused() {
        String nested = "constant(1).then(1, ".repeat(20_000) + "constant(1)" + ")".repeat(20_000);
        assertThatThrownBy(() -> Schedule.parse(nested))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("more than 50 deep");
        String flat = "constant(1)" + ".then(1, constant(2))".repeat(60);
        assertThat(Schedule.parse(flat).at(3)).isEqualTo(2);
    }
}

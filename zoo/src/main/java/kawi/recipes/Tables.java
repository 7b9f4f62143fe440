package kawi.recipes;

import java.net.URI;
import java.util.List;
import kawi.data.DataSource;
import kawi.data.DataSource.RemoteFile;

/** Small tables of the UCI repository and time series, for rows of the curriculum. */
final class Tables {
    private static final List<URI> BROWNLEE =
            List.of(URI.create("https://raw.githubusercontent.com/jbrownlee/Datasets/master/"));

    /** Wisconsin breast cancer (diagnostic), 569 tumours: number, M or B, 30 measures of the cells' nuclei. */
    static final DataSource TUMOURS = new DataSource(
            "uci",
            List.of(new RemoteFile("wdbc.data", "d606af411f3e5be8a317a5a8b652b425aaf0ff38ca683d5327ffff94c3695f4a")),
            List.of(URI.create("https://archive.ics.uci.edu/ml/machine-learning-databases/breast-cancer-wisconsin/")));

    /** Diabetes among 768 Pima women: 8 measures, 1 for diabetes within five years. */
    static final DataSource DIABETES = new DataSource(
            "uci",
            List.of(new RemoteFile(
                    "pima-indians-diabetes.csv", "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af")),
            BROWNLEE);

    /** The lowest temperature of each day in Melbourne, 1981 to 1990, °C. */
    static final DataSource TEMPERATURES = new DataSource(
            "timeseries",
            List.of(new RemoteFile(
                    "daily-min-temperatures.csv", "d195d0deb285e0c1f64244c729b40523618ba507e5ba31ca19ce0d1aadbc9460")),
            BROWNLEE);

    private Tables() {}
}

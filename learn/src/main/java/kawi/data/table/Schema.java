package kawi.data.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.base.KawiException;

/** The columns of a table, in order; names are distinct. */
public record Schema(List<Field> fields) {
    /** Checks the names, and keeps a copy. */
    public Schema {
        fields = List.copyOf(fields);
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            Integer before = places.put(fields.get(i).name(), i);
            if (before != null) {
                throw new KawiException("Schema: columns %d and %d are both called \"%s\"; name one of them otherwise"
                        .formatted(before + 1, i + 1, fields.get(i).name()));
            }
        }
    }

    /** The names in order. */
    public List<String> names() {
        return fields.stream().map(Field::name).toList();
    }

    /** The place of a column, from 0. */
    public int place(String name) {
        int at = names().indexOf(name);
        if (at < 0) {
            throw new KawiException("there is no column \"%s\"; the columns are %s".formatted(name, names()));
        }
        return at;
    }
}

package dev.ssehub.tracing;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/** Reads the fields of a message of Protocol Buffers, whose meaning the caller knows. */
final class Protobuf {
    private final Map<Integer, List<Object>> fields = new HashMap<>();

    Protobuf(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int tag = (int) number(in);
            Object value = switch (tag & 7) {
                case 0 -> number(in);
                case 1 -> in.getLong();
                case 2 -> bytes(in, (int) number(in));
                case 5 -> in.getInt();
                default -> throw new IllegalArgumentException("there is no wire type " + (tag & 7));
            };
            fields.computeIfAbsent(tag >>> 3, _ -> new ArrayList<>()).add(value);
        }
    }

    private static long number(ByteBuffer in) {
        long number = 0;
        for (int shift = 0;; shift += 7) {
            byte next = in.get();
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private Stream<Object> values(int field) {
        return fields.getOrDefault(field, List.of()).stream();
    }

    List<Protobuf> messages(int field) {
        return values(field).map(value -> new Protobuf((byte[]) value)).toList();
    }

    String text(int field) {
        return values(field).map(value -> new String((byte[]) value, UTF_8)).findFirst().orElse("");
    }

    String hex(int field) {
        return values(field).map(value -> HexFormat.of().formatHex((byte[]) value)).findFirst().orElse("");
    }

    long number(int field) {
        return values(field).map(value -> ((Number) value).longValue()).findFirst().orElse(0L);
    }
}

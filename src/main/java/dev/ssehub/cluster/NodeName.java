package dev.ssehub.cluster;

import module java.base;

/** The names of nodes. */
public final class NodeName {
    private static final int MAX_HOST = 40;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int RANDOM_LETTERS = 6;

    private NodeName() {}

    /** Returns a name for this process that no other process has: the name of the machine, and random letters. */
    public static String create() {
        SecureRandom random = new SecureRandom();
        String letters = random.ints(RANDOM_LETTERS, 0, LETTERS.length()).mapToObj(i -> LETTERS.substring(i, i + 1))
                .collect(Collectors.joining());
        return host() + "-" + letters;
    }

    private static String host() {
        try {
            String host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "");
            return host.isEmpty() ? "hub" : host.substring(0, Math.min(MAX_HOST, host.length()));
        } catch (UnknownHostException _) {
            return "hub"; // the machine does not know its own name
        }
    }
}

/** The endpoint of the Mercure protocol: publish, subscribe, renew a token, list the subscriptions. */
@NullMarked
package dev.ssehub.mercure;

import org.jspecify.annotations.NullMarked;

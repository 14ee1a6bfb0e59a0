#!/usr/bin/env bash
# Asks the hub on this machine whether it is live: exit code 0 if it is. Unlike the hub's command health, it starts no JVM.
# SSE_HUB_OBSERVE_ADDRESS_FILE names the file into which the hub has written its address (sse-hub.observe.address-file).
# A hub that hangs does not answer, so run this with a limit: timeout 3 bash health.sh. For a hub with TLS, it needs openssl.
IFS=/ read -r scheme _ address < "$SSE_HUB_OBSERVE_ADDRESS_FILE" || exit 1
request=$'GET /observe/health/live HTTP/1.0\r\nHost: localhost\r\n\r\n'
if [ "$scheme" = https: ]; then
    trap : TERM # at the limit, waits for the end of openssl: in a container, nobody else does, and it would stay as a zombie
    answer=$(openssl s_client -quiet -connect "$address" <<< "$request" 2> /dev/null)
else
    host=${address%:*}
    exec 3<> "/dev/tcp/${host//[][]/}/${address##*:}" || exit 1
    printf %s "$request" >&3
    read -r answer <&3
fi
[[ $answer == 'HTTP/1.1 200 '* ]] && exit
echo "not live: $scheme//$address answered: ${answer:-nothing}" >&2
exit 1

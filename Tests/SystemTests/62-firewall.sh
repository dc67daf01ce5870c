#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The firewall example, loaded with addresses of a network beside this machine: where riskd's user
# gets through, nobody listens and says so at once; elsewhere the firewall refuses.

inside ip netns add outside
inside ip link add to-outside type veth peer name from-inside netns outside
inside ip address add 192.0.2.1/24 dev to-outside
inside ip link set to-outside up
for address in 10 25 30 53 99; do
  inside ip -netns outside address add "192.0.2.$address/24" dev from-inside
done
inside ip -netns outside link set from-inside up
sed -E 's/^( *)# (elements = .*)$/\1\2/' "$machine_root/srv/install/units/riskd.nft.example" \
  >"$machine_root/srv/firewall"
check "its samples are all put in" test "$(grep -c '^ *elements' "$machine_root/srv/firewall")" -eq 6

# connects USER ADDRESS PORT: whether the other machine could answer: that nobody listens.
connects() {
  local said
  said=$(inside setpriv --reuid="$1" --regid="$1" --clear-groups timeout 5 \
    bash -c "true >/dev/tcp/$2/$3" 2>&1) || true
  echo "$said"
  grep -q 'Connection refused' <<<"$said"
}
check_within "without it riskd's user gets everywhere" 10 connects riskd 192.0.2.99 443
check "the example is loaded" inside nft --file /srv/firewall
while read -r address port what; do
  check "riskd's user gets to $what" connects riskd "$address" "$port"
done <<'ALLOWED'
192.0.2.10 443 the venue
192.0.2.53 53 the name server
192.0.2.25 587 the mail server of the alerts
192.0.2.30 443 the webhook of the alerts
ALLOWED
while read -r address port what; do
  check_refused "riskd's user does not get to $what" connects riskd "$address" "$port"
done <<'REFUSED'
192.0.2.99 443 another address
192.0.2.10 22 another port of the venue
192.0.2.99 53 another name server
192.0.2.25 443 another port of the mail server
REFUSED
check "others get everywhere" connects tom 192.0.2.99 443
check "riskd goes on with what is on this machine" is_running
breach
check_within "a breach is put right" 15 is_flat
check "the example can be loaded again" inside nft --file /srv/firewall
inside nft delete table inet riskd
inside ip netns delete outside
check_within "riskd runs" 20 is_running

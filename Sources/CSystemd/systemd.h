// What riskd uses of libsystemd: the notification protocol of services, the journal, and what the
// service manager says of a unit.

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

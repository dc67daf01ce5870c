// What riskd uses of libsystemd: the notification protocol of services and the journal.

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

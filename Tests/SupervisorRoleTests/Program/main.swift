// A supervisor, and workers that behave as their settings say. As a worker it is
// `program worker NAME`, as a supervisor `program supervise ROOT NAME=BEHAVIOUR...`; the word
// `descriptors=N` bounds the descriptors that it may open, `patience=N` is how many seconds it waits
// for a worker that was asked to finish.

import Glibc
import Logging
import ProcessControl
import RiskModel
import Supervision
import SupervisorRole

switch CommandLine.arguments.dropFirst().first {
case "worker": work(as: CommandLine.arguments[2])
case "supervise": supervise(Array(CommandLine.arguments.dropFirst(2)))
default: exit(64)
}

func work(as name: String) -> Never {
  do {
    let control = try WorkerHost.inheritedControlEnd()
    let reactor = try Reactor()
    let host = try WorkerHost(reactor: reactor, control: control)
    let worker = ScriptedWorker(name, host, reactor, control: WorkerHost.controlDescriptor)
    exit(try host.run(worker).code)
  } catch {
    exit(WorkerOutcome.configurationUnusable.code)
  }
}

func supervise(_ arguments: [String]) -> Never {
  var settings: [WorkerName: String] = [:]
  for worker in WorkerName.critical { settings[worker] = "normal" }
  for argument in arguments.dropFirst() {
    let pair = argument.split(separator: "=", maxSplits: 1).map(String.init)
    if pair[0] == "descriptors" { limitDescriptors(to: rlim_t(pair[1]) ?? 64) }
    if let worker = WorkerName(rawValue: pair[0]) { settings[worker] = pair[1] }
  }
  var supervision = SupervisionSettings()
  supervision.hasMonitor = false
  supervision.challengeInterval = .milliseconds(100)
  supervision.hungAfter = [:]
  supervision.drainDeadline = .milliseconds(500)
  supervision.terminateDeadline = .milliseconds(500)
  if let patience = arguments.compactMap({
    $0.hasPrefix("patience=") ? Int64($0.dropFirst(9)) : nil
  })
  .first {
    supervision.drainDeadline = .seconds(patience)
    supervision.terminateDeadline = .seconds(patience)
  }
  LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
  let supervisor = Supervisor(
    root: arguments[0], executable: CommandLine.arguments[0],
    configuration: SupervisedConfiguration(settings: settings),
    supervision: supervision)
  exit(supervisor.run())
}

/// What the tests' own caller left open would take room.
func limitDescriptors(to count: rlim_t) {
  for number in (try? Descriptor.openNumbers()) ?? [] where number > STDERR_FILENO { close(number) }
  var limit = rlimit(rlim_cur: count, rlim_max: count)
  guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(71) }
}

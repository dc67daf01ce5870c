import RiskModel
import Supervision

/// Workers made of nothing, virtual time, and everything that the plan asks for, written down.
///
/// Unless told otherwise, a process appears as soon as it is asked for, answers every challenge at
/// once, confirms every link and exits when it is asked to stop. It becomes ready only by `ready`.
/// There is no monitor unless one is wanted.
struct SupervisedWorld {
  private(set) var plan: SupervisionPlan
  private(set) var now: Int64 = 0
  /// What was asked for since the last `take()`, without challenges and records.
  private var asked: [String] = []
  private(set) var records: [HistoryEntry] = []
  private(set) var saved: [DeathWindow] = []
  private(set) var challenges = 0
  private var nextPid: Int32 = 100
  private(set) var lives: [WorkerName: Int64] = [:]
  /// Workers that have a process.
  private(set) var alive: Set<WorkerName> = []
  /// Processes that were asked for while there was one.
  private(set) var doubles = 0
  private var epochs: [LinkName: Int64] = [:]

  /// Workers that do not answer challenges, do not confirm links, do not leave when told to (by
  /// message, and also by SIGTERM and SIGABRT), do not even leave by SIGKILL.
  var silent: Set<WorkerName> = []
  var deaf: Set<WorkerName> = []
  var stubborn: Set<WorkerName> = []
  var unkillable: Set<WorkerName> = []
  /// Workers that are ready as soon as they are started.
  var eager: Set<WorkerName> = []
  var spawnProblem: String?
  var telemetryProblem: String?
  var random: UInt64 = 0
  var progress: [WorkerName: WorkerProgress] = [:]
  /// One every ten seconds, until they are held up.
  var canariesUntil: Int64?
  var memoryKills: Int64? = 0
  /// Whether a verdict can be written, and those that were.
  var verdictProblem: String?
  private(set) var verdicts: [ReleaseVerdict] = []

  static let boot = "b00t"
  static var withoutMonitor: SupervisionSettings {
    var settings = SupervisionSettings()
    settings.hasMonitor = false
    return settings
  }

  init(
    _ settings: SupervisionSettings = SupervisionSettings(),
    release: ReleaseStanding = .unmanaged, deaths: DeathWindow = DeathWindow(boot: boot),
    hasMonitor: Bool = false
  ) {
    var settings = settings
    settings.hasMonitor = hasMonitor
    plan = SupervisionPlan(
      settings: settings, version: "1.2.3", release: release, deaths: deaths, memoryKills: 0)
  }

  static func moment(_ milliseconds: Int64) -> Moment {
    let nanos = milliseconds * 1_000_000
    return Moment(
      monotonic: MonotonicInstant(nanos: 5_000_000_000 + nanos),
      boot: BootInstant(nanos: 9_000_000_000_000 + nanos),
      civil: Instant(nanosSinceEpoch: 1_763_735_400_000_000_000 + nanos))
  }

  var moment: Moment { Self.moment(now) }

  /// The actions since the last call, in words.
  mutating func take() -> [String] {
    defer { asked = [] }
    return asked
  }

  mutating func start() {
    perform(plan.start(at: moment))
  }

  /// Starts and makes all workers ready at once.
  mutating func startReady() {
    eager = Set(WorkerName.critical)
    start()
    _ = take()
  }

  /// Lets time pass, waking the plan whenever it wants to be woken.
  mutating func pass(_ milliseconds: Int64) {
    let end = now + milliseconds
    while let deadline = plan.nextDeadline {
      let start = Self.moment(0).monotonic
      let due = max(now, ((deadline - start).nanos + 999_999) / 1_000_000)
      guard due <= end else { break }
      now = due
      perform(plan.timePassed(at: moment))
    }
    now = end
  }

  /// The supervisor does not run for this long.
  mutating func stall(_ milliseconds: Int64) {
    advanceWithoutTurn(milliseconds)
    perform(plan.timePassed(at: moment))
  }

  mutating func advanceWithoutTurn(_ milliseconds: Int64) { now += milliseconds }

  mutating func tell(_ worker: WorkerName, _ message: WorkerMessage, life: Int64? = nil) {
    let life = life ?? lives[worker] ?? 0
    perform(plan.received(message, from: worker, life: life, at: moment))
  }

  mutating func ready(_ worker: WorkerName) { tell(worker, .ready) }

  mutating func breakLink(_ link: LinkName, by worker: WorkerName) {
    tell(worker, .linkBroken(link, epoch: epochs[link] ?? 0, reason: "bad frame"))
  }

  mutating func die(_ worker: WorkerName, _ exit: WorkerExit = .signal(9)) {
    let life = lives[worker] ?? 0
    alive.remove(worker)
    perform(
      plan.exited(
        worker, life: life, exit, memoryKills: memoryKills, at: moment, random: random))
  }

  mutating func misspeak(_ worker: WorkerName) {
    perform(plan.misspoke(worker, life: lives[worker] ?? 0, problem: "no JSON", at: moment))
  }

  mutating func closeChannel(_ worker: WorkerName) {
    perform(plan.channelClosed(worker, life: lives[worker] ?? 0, at: moment))
  }

  mutating func failLink(_ link: LinkName) {
    let epoch = epochs[link] ?? 0
    perform(plan.linkNotMade(link, epoch: epoch, problem: "EMFILE", at: moment))
  }

  mutating func restart(_ worker: WorkerName) -> RestartAnswer {
    let (answer, actions) = plan.restart(worker, reason: "because", at: moment)
    perform(actions)
    return answer
  }

  mutating func stop() { perform(plan.stop(at: moment)) }

  mutating func hurry() { perform(plan.hurry(at: moment)) }

  mutating func run(withEarlierConfiguration problem: String?) {
    plan.configurationProblem = problem
  }

  /// What `status` says of a worker.
  func status(_ worker: WorkerName) -> StatusReport.Worker? {
    plan.report(at: moment).workers.first { $0.name == worker }
  }

  func events(_ event: HistoryEntry.Event) -> [HistoryEntry] {
    records.filter { $0.event == event }
  }

  private mutating func perform(_ actions: [SupervisionAction]) {
    for action in actions { perform(action) }
  }

  private mutating func perform(_ action: SupervisionAction) {
    switch action {
    case .spawn(let worker, let life):
      asked.append("spawn \(worker.rawValue) \(life)")
      lives[worker] = life
      if let problem = spawnProblem {
        perform(
          plan.spawnFailed(worker, life: life, problem: problem, at: moment, random: random))
      } else {
        nextPid += 1
        if !alive.insert(worker).inserted { doubles += 1 }
        perform(plan.spawned(worker, life: life, pid: nextPid, at: moment))
        if eager.contains(worker) { ready(worker) }
      }
    case .makeLink(let link, let epoch):
      asked.append("link \(link.rawValue) \(epoch)")
      epochs[link] = epoch
      for worker in [link.ends.0, link.ends.1] where !deaf.contains(worker) {
        tell(worker, .linkReplaced(link, epoch: epoch))
      }
    case .makeTelemetry(let source):
      asked.append("telemetry \(source.rawValue)")
      if let problem = telemetryProblem {
        perform(plan.telemetryNotMade(source, problem: problem, at: moment))
      }
    case .send(.challenge(let nonce), let worker):
      challenges += 1
      if !silent.contains(worker) {
        var answer = progress[worker] ?? WorkerProgress(loops: nonce)
        if worker == .enforcer { answer.canary = canary }
        tell(worker, .answer(nonce: nonce, answer))
      }
    case .send(.stop, let worker):
      asked.append("stop \(worker.rawValue)")
      if !stubborn.contains(worker) { die(worker, .code(0)) }
    case .send(let message, let worker):
      asked.append("send \(message) to \(worker.rawValue)")
    case .signal(let signal, let worker):
      asked.append("\(signal) \(worker.rawValue)")
      let isFatal = signal == .kill || !stubborn.contains(worker)
      if isFatal, !unkillable.contains(worker) { die(worker, .signal(signal.rawValue)) }
    case .record(let entry): records.append(entry)
    case .saveDeaths(let window): saved.append(window)
    case .crashLoop(let loop): asked.append("crash loop: \(loop.scope)")
    case .writeVerdict(let verdict):
      if let problem = verdictProblem {
        perform(plan.verdictFailed(problem, at: moment))
      } else {
        verdicts.append(verdict)
        perform(plan.verdictWritten(verdict, at: moment))
      }
    case .announceReady: asked.append("announce")
    case .finished: asked.append("finished")
    }
  }
}

extension SupervisedWorld {
  private var canary: CanarySighting? {
    let count = min(now, canariesUntil ?? now) / 10_000
    return count == 0 ? nil : CanarySighting(number: count, microseconds: 850, count: count)
  }

  mutating func stay(because reason: String) { perform(plan.stayed(because: reason, at: moment)) }

  mutating func giveUp(for release: String) { perform(plan.gaveUp(for: release, at: moment)) }

  /// As `stall`, with an answer as the first thing that is read afterwards.
  mutating func stallReading(_ worker: WorkerName, nonce: Int64, after milliseconds: Int64) {
    advanceWithoutTurn(milliseconds)
    tell(worker, .answer(nonce: nonce, WorkerProgress(loops: nonce)))
  }
}

extension SupervisedWorld {
  /// Every fault ends; workers are ready as soon as they are started.
  mutating func heal() {
    silent = []
    deaf = []
    stubborn = []
    spawnProblem = nil
    progress = [:]
    eager = Set(WorkerName.critical)
    for worker in WorkerName.critical { tell(worker, .degraded(nil)) }
  }
}

import EnforcerRole
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import Settings
import Store
import Supervision
import Testing

@testable import Workers

/// What each worker may open, and that it is enough for what it does.
@Suite struct WorkerConfinementTests {
  @Test func `every role opens its own places`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let data = root.folder.file("data")
    let run = root.folder.file("run")
    let evaluator = try confinement(of: .evaluator, in: root)
    #expect(evaluator.network == .none)
    #expect(evaluator.writable.contains(data) && !evaluator.writable.contains(run))
    #expect(!evaluator.readable.contains("/etc"))
    let enforcer = try confinement(of: .enforcer, in: root)
    #expect(enforcer.network == .outgoing)
    #expect(enforcer.readable.contains(data) && !enforcer.writable.contains(data))
    #expect(enforcer.writable.contains(run) && enforcer.readable.contains("/etc/ssl"))
    let gateway = try confinement(of: .gateway, in: root)
    #expect(gateway.network == .outgoing)
    #expect(!gateway.readable.contains(data) && !gateway.writable.contains(data))
    #expect(gateway.writable.contains(run))
    #expect([gateway, enforcer].allSatisfy { $0.writable.contains(data + "/tokens") })
    let monitor = try confinement(of: .monitor, in: root)
    #expect(monitor.network == .serving)
    #expect(monitor.writable.contains(root.folder.file("logs")))
    // Of the data its own two files, and none of the others'.
    #expect(monitor.writable.contains(data + "/metrics.db"))
    #expect(monitor.writable.contains(data + "/metrics.db-journal"))
    #expect(!monitor.writable.contains(data) && !monitor.readable.contains(data))
    for confinement in [evaluator, enforcer, gateway, monitor] {
      #expect(!confinement.readable.contains { $0 == "/etc" || "/etc".hasPrefix($0 + "/") })
      let places = confinement.readable + confinement.writable
      // Of the root, and of what holds it, nothing.
      #expect(!places.contains { root.folder.file(".env").hasPrefix($0 + "/") || $0 == "/" })
      #expect(confinement.readable.contains("/opt/riskd/bin"))
      #expect(confinement.readable.contains("/opt/riskd/lib"))
    }
  }

  @Test func `a certificate of one's own and a database elsewhere are open too`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    var (settings, credentials) = try root.settings()
    settings.venue.caFilePath = "config/ca.pem"
    settings.database.path = "/srv/riskd/risk.db"
    settings.development.devMode = false
    func confinement(_ worker: WorkerName) -> Confinement {
      Confinement(
        for: worker,
        WorkerBriefing(for: worker, root: root.path, settings: settings, credentials: credentials),
        executable: nil)
    }
    for worker in [WorkerName.gateway, .enforcer, .monitor] {
      #expect(confinement(worker).readable.contains(root.folder.file("config/ca.pem")))
    }
    #expect(!confinement(.evaluator).readable.contains(root.folder.file("config/ca.pem")))
    #expect(confinement(.evaluator).writable.contains("/srv/riskd"))
    #expect(confinement(.enforcer).readable.contains("/srv/riskd"))
    #expect(!confinement(.evaluator).mayDumpCore)
    #expect(Confinement.directory(of: "/a") == "/" && Confinement.directory(of: "a") == ".")
  }

  @Test func `the evaluator writes its database and reads no secret`() async throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    try root.write("riskd.env", "SECRET=1")
    let path = root.path
    await #expect(processExitsWith: .success) { [path = path as String] in
      let active = try confine(as: .evaluator, in: path)
      let store = try Store.open(
        path: path + "/data/risk_manager.db", now: Instant(secondsSinceEpoch: 1_763_735_400))
      try store.commit(standing())
      try store.moveLogIntoDatabase()
      try store.close()
      #expect(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) == -1 && errno == EPERM)
      #expect(throws: ProcessControlError.spawnFailed(executable: "/bin/true", code: EPERM)) {
        _ = try ChildProcess.spawn(ChildLaunch(executable: "/bin/true"))
      }
      guard active.landlockVersion != nil else { return }
      for name in [".env", "riskd.env", "config/accounts.yaml", "run"] {
        #expect(open(path + "/" + name, O_RDONLY) == -1 && errno == EACCES, "\(name)")
      }
      #expect(open("/usr/share/zoneinfo/America/Chicago", O_RDONLY) >= 0 || errno == ENOENT)
    }
  }

  /// As the enforcer finds it while the evaluator is down: killed, with its log beside the database;
  /// and while it is there.
  @Test func `the enforcer reads the open targets and writes no data`() async throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let path = root.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try Store.open(
        path: path + "/data/risk_manager.db", now: Instant(secondsSinceEpoch: 1_763_735_400))
      try store.commit(standing())
      kill(getpid(), SIGKILL)
    }
    try #require(access(root.folder.file("data/risk_manager.db-shm"), F_OK) == 0)
    await readAsEnforcer(path)
    let store = try Store.open(
      path: path + "/data/risk_manager.db", now: Instant(secondsSinceEpoch: 1_763_735_400))
    await readAsEnforcer(path)
    try store.close()
  }

  private func readAsEnforcer(_ path: String) async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      let active = try confine(as: .enforcer, in: path)
      let reader = DatabaseTargets(
        path: path + "/data/risk_manager.db", accounts: [Sample.account], clock: SystemClock())
      #expect(try reader.openTargets().targets == standing().standing)
      #expect(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0)
      for file in ["/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/ssl/openssl.cnf"] {
        #expect(open(file, O_RDONLY) >= 0 || errno == ENOENT, "\(file)")
      }
      guard active.landlockVersion != nil else { return }
      #expect(open(path + "/data/risk_manager.db", O_RDWR) == -1 && errno == EACCES)
      #expect(open(path + "/.env", O_RDONLY) == -1 && errno == EACCES)
      for file in ["/etc/passwd", "/etc/fstab", "/etc/debian_version"] {
        #expect(open(file, O_RDONLY) == -1 && [EACCES, ENOENT].contains(errno), "\(file)")
      }
      #expect(open(path + "/run/requests", O_RDWR | O_CREAT, 0o600) >= 0)
    }
  }

  @Test func `a file of the network that was replaced is noticed`() async throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let path = root.path
    for (name, text) in [("first", "nameserver 127.0.0.1"), ("second", "nameserver 127.0.0.2")] {
      try root.write(name, text)
      #expect(symlink("\(path)/\(name)", "\(path)/data/\(name)") == 0)
    }
    await #expect(processExitsWith: .success) { [path = path as String] in
      let made = Confinement(
        readable: [path + "/first"], writable: [path + "/data"], network: .outgoing
      ).apply()
      guard made.landlockVersion != nil else { return }
      let files = NetworkFiles([path + "/data/first", path + "/missing", path + "/data/second"])
      #expect(files.replaced == nil)
      #expect(rename(path + "/data/second", path + "/data/first") == 0)
      #expect(files.replaced == path + "/data/first")
      #expect(unlink(path + "/data/first") == 0)
      #expect(files.replaced == nil)
    }
  }

  @Test func `figures tell what is in force`() {
    #expect(Restrictions().figures == ["landlock": 0, "seccomp": 0])
  }

  private func confinement(of worker: WorkerName, in root: WorkerRoot) throws -> Confinement {
    let (settings, credentials) = try root.settings()
    return Confinement(
      for: worker,
      WorkerBriefing(for: worker, root: root.path, settings: settings, credentials: credentials),
      executable: "/opt/riskd/bin/riskd")
  }
}

private func confine(as worker: WorkerName, in path: String) throws -> Restrictions {
  guard
    case .accepted(let settings, let credentials, _) = SettingsLoader.load(
      root: path, environment: [:])
  else { throw Unusable() }
  let briefing = WorkerBriefing(
    for: worker, root: path, settings: settings, credentials: credentials)
  return Confinement(for: worker, briefing, executable: RiskdCommand.ownExecutable()).apply()
}

private struct Unusable: Error {}

/// One lockout, as the evaluator records it.
private func standing() -> CommitBatch {
  var batch = CommitBatch()
  batch.standing = [
    Target(
      id: TargetID(inputOrdinal: 1, index: 0), account: Sample.account, goal: .flatAccount,
      cause: Cause(rule: .maxContracts, reason: .contractsAboveLimit(held: 6, limit: 5)),
      end: .permanent, adoptedAt: Instant(secondsSinceEpoch: 1_763_735_400))
  ]
  return batch
}

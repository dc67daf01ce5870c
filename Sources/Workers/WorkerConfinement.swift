import Glibc
import Logging
import ProcessControl
import Settings
import Supervision

extension Confinement {
  /// What the programs of any worker read at run time: libraries and time zones.
  private static let system = [
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/localtime",
    "/dev/urandom", "/dev/random", "/proc/self", "/proc/sys/kernel/random/boot_id",
    "/sys/devices/system/cpu",
  ]
  /// What resolving names and checking certificates read besides. Directories where there are any:
  /// their files are replaced while riskd runs. For the single files see `NetworkFiles`.
  private static let network = [
    "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/ld.so.cache", "/usr/share",
    "/usr/local/share", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
  ]

  /// What one worker needs to open after it knows its briefing, by role: the evaluator works on the
  /// data, without network; the enforcer reads the data; gateway and enforcer reach the venue and
  /// share the run directory; the monitor writes logs and metrics, sends alerts and is connected to.
  init(for worker: WorkerName, _ briefing: WorkerBriefing, executable: String?) {
    let database = Self.directory(of: briefing.path(briefing.settings.database.path))
    let data = [briefing.root + "/data", database]
    var readable = Self.system
    if let programs = executable.map(Self.directory(of:)) {
      readable += [programs, Self.directory(of: programs) + "/lib"]
    }
    var writable = ["/dev/null"] + Self.profiles(briefing)
    var network = Network.outgoing
    if worker == .monitor {
      network = .serving
      readable += Self.network + NetworkFiles.standard + Self.resolver()
      // Of the data its own database alone, whose journal is never removed.
      writable += MonitorFiles.folders(of: briefing.settings.logging).map(briefing.path)
      writable += [
        briefing.path(MonitorFiles.metrics),
        briefing.path(MonitorFiles.metrics) + "-journal", briefing.root + "/run",
      ]
    } else if worker == .evaluator {
      network = .none
      // A backup may have to take the place of a damaged database.
      writable += data + [briefing.path(briefing.settings.database.backup.directory)]
    } else {
      readable += Self.network + NetworkFiles.standard + Self.resolver()
      writable.append(briefing.root + "/run")
      // The token is written beside its file and put in its place.
      writable.append(
        Self.directory(of: TokenPlace.file(briefing.settings, root: briefing.root)))
    }
    if worker == .enforcer { readable += data }
    // Whoever checks a certificate: the venue's, a mail server's.
    if worker != .evaluator, let file = briefing.settings.venue.caFilePath {
      readable.append(briefing.path(file))
    }
    self.init(
      readable: readable, writable: writable, network: network,
      mayDumpCore: briefing.settings.development.devMode)
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Where /etc/resolv.conf really is, if it is a link to somewhere else.
  private static func resolver() -> [String] {
    guard let path = realpath("/etc/resolv.conf", nil) else { return [] }
    defer { free(path) }
    let directory = directory(of: String(cString: path))
    return ["/", "/etc"].contains(directory) ? [] : [directory]
  }

  /// A build that measures its coverage writes the measurements at the end of each process; that is
  /// of interest against a simulated venue alone.
  private static func profiles(_ briefing: WorkerBriefing) -> [String] {
    guard briefing.settings.development.usesMockVenue, let file = getenv("LLVM_PROFILE_FILE")
    else { return [] }
    return [directory(of: String(cString: file))]
  }
}

extension Restrictions {
  /// Figures for status screens: the version of landlock and whether system calls are filtered.
  var figures: [String: Int64] {
    ["landlock": Int64(landlockVersion ?? 0), "seccomp": filtersSystemCalls ? 1 : 0]
  }

  func report(to logger: Logger) {
    logger.notice("restrictions active: \(self)")
    for restriction in missing { logger.warning("\(restriction)") }
  }
}

import CPlatform
import Glibc
import ProcessControl
import Testing

/// What a confined process can and cannot do; each test in a process of its own, because confinement
/// is for good.
///
/// A kernel without landlock leaves files open; where `CI=true` that is a failure.
@Suite struct ConfinementTests {
  @Test func `the kernel can close files`() {
    let isRequired = getenv("CI").map { String(cString: $0) } == "true"
    if isRequired { #expect(platform_landlock_version() > 0) }
  }

  @Test func `without network there is no way out`() async {
    await #expect(processExitsWith: .success) {
      let confined = Confinement.ofTest(network: .none).apply()
      #expect(confined.missing.filter { !$0.hasPrefix("landlock") } == [])
      for domain in [AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK] {
        #expect(socket(domain, Int32(SOCK_DGRAM.rawValue), 0) == -1 && errno == EPERM)
        #expect(socket(domain, Int32(SOCK_STREAM.rawValue), 0) == -1 && errno == EPERM)
      }
      let local = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      #expect(local >= 0)
      var address = sockaddr(
        sa_family: sa_family_t(AF_UNIX), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
      #expect(bind(local, &address, socklen_t(MemoryLayout<sa_family_t>.size)) == -1)
      #expect(errno == EPERM)
    }
  }

  @Test func `with network nobody can be served`() async {
    await #expect(processExitsWith: .success) {
      let confined = Confinement.ofTest(network: .outgoing).apply()
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      #expect(number >= 0)
      #expect(listen(number, 1) == -1 && errno == EPERM)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      address.sin_port = UInt16(1).bigEndian
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      func call(_ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(number, $0, size) }
        }
      }
      #expect(call(connect) == -1 && errno == ECONNREFUSED)
      if let version = confined.landlockVersion, version >= 4 {
        #expect(call(bind) == -1 && errno == EACCES)
      }
    }
  }

  @Test func `no program is started and no process is touched`() async {
    await #expect(processExitsWith: .success) {
      let parent = getppid()
      let confined = Confinement.ofTest(network: .none).apply()
      #expect(throws: ProcessControlError.spawnFailed(executable: "/bin/true", code: EPERM)) {
        _ = try ChildProcess.spawn(ChildLaunch(executable: "/bin/true"))
      }
      #expect(setuid(getuid()) == -1 && errno == EPERM)
      #expect(setgid(getgid()) == -1 && errno == EPERM)
      #expect(chroot("/") == -1 && errno == EPERM)
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      // The same time that it is: nothing would change if it were allowed.
      #expect(clock_settime(CLOCK_REALTIME, &time) == -1 && errno == EPERM)
      if let version = confined.landlockVersion, version >= 6 {
        #expect(kill(parent, 0) == -1 && errno == EPERM)
      }
    }
  }

  @Test func `refused system calls are refused in every thread`() async {
    await #expect(processExitsWith: .success) {
      let confined = Confinement.ofTest(network: .none).apply()
      #expect(confined.filtersSystemCalls && confined.forbidsNewPrivileges)
      var thread = pthread_t()
      let created = pthread_create(
        &thread, nil,
        { _ in
          let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
          return UnsafeMutableRawPointer(bitPattern: number == -1 && errno == EPERM ? 1 : 2)
        }, nil)
      #expect(created == 0)
      var result: UnsafeMutableRawPointer?
      #expect(pthread_join(thread, &result) == 0)
      #expect(result == UnsafeMutableRawPointer(bitPattern: 1))
    }
  }

  @Test func `only named files are open`() async {
    await #expect(processExitsWith: .success) {
      let inside = try TemporaryDirectory()
      let outside = try TemporaryDirectory()
      for path in [inside.path + "/kept", outside.path + "/secret"] {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(file >= 0 && Glibc.write(file, "x", 1) == 1)
        close(file)
      }
      var confinement = Confinement.ofTest(network: .none)
      confinement.writable.append(inside.path)
      confinement.readable += ["/etc", "/no/such/place"]
      let confined = confinement.apply()
      guard confined.landlockVersion != nil else { return }
      #expect(open(outside.path + "/secret", O_RDONLY) == -1 && errno == EACCES)
      #expect(opendir(outside.path) == nil)
      #expect(unlink(outside.path + "/secret") == -1)
      #expect(rename(inside.path + "/kept", outside.path + "/kept") == -1)
      #expect(open("/etc/passwd", O_RDONLY) >= 0)
      #expect(open("/etc/passwd", O_WRONLY) == -1)
      let file = open(inside.path + "/new", O_RDWR | O_CREAT, 0o600)
      #expect(file >= 0 && ftruncate(file, 10) == 0)
      #expect(rename(inside.path + "/new", inside.path + "/kept") == 0)
    }
  }

  @Test func `core files are for those who may write them`() async {
    await #expect(processExitsWith: .success) {
      var limit = rlimit()
      var confinement = Confinement.ofTest(network: .none)
      confinement.mayDumpCore = true
      #expect(!confinement.apply().forbidsCoreFiles)
      confinement.mayDumpCore = false
      #expect(confinement.apply().forbidsCoreFiles)
      #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
      #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
    }
  }

  @Test func `what is in force is said in one line`() async {
    await #expect(processExitsWith: .success) {
      let confined = Confinement.ofTest(network: .none).apply()
      let landlock = confined.landlockVersion.map { "landlock \($0), " } ?? ""
      #expect("\(confined)" == landlock + "seccomp, no-new-privs, no core files")
      #expect("\(Restrictions())" == "none")
    }
  }
}

extension Confinement {
  /// A build that measures its coverage writes the measurements at the end of the process.
  static func ofTest(network: Network) -> Confinement {
    var writable = ["/dev/null"]
    if let file = getenv("LLVM_PROFILE_FILE") {
      let path = String(cString: file)
      writable.append(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }
    return Confinement(readable: [], writable: writable, network: network)
  }
}

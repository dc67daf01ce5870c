import Glibc
import ProcessControl
import RiskModel
import Testing

@Suite struct ChildProcessTests {
  @Test func theChildSeesFourDescriptorsAndNoMore() throws {
    // Not close-on-exec, as a careless library leaves it.
    let leaked = Descriptor(owning: dup(0))
    #expect(leaked.number > 3)
    let ends = try ControlPacket.makeEnds()
    let links = try descriptorsSeenByAChild(control: ends.worker)
    #expect(links.keys.sorted() == [0, 1, 2, 3])
    #expect(links[0] == "/dev/null")
    #expect(links[1]?.hasPrefix("pipe:") == true)
    #expect(links[2] == links[1])
    #expect(links[3]?.hasPrefix("socket:") == true)
  }

  @Test func withoutAControlEndDescriptorThreeIsClosed() throws {
    #expect(try descriptorsSeenByAChild(control: nil).keys.sorted() == [0, 1, 2])
  }

  @Test func outputIsTheParentsOwnIfNoneIsGiven() throws {
    let child = try ChildProcess.spawn(
      ChildLaunch(executable: "/bin/sh", arguments: ["-c", "test -e /proc/$$/fd/1 && exit 9"]))
    #expect(try end(of: child) == .exited(code: 9))
  }

  @Test func signalsAreDefaultUnblockedAndTheGroupIsItsOwn() throws {
    signal(SIGUSR2, SIG_IGN)
    let result = try ScriptResult.of(
      "sed -n 's/^Sig\\(Blk\\|Ign\\):\t//p' /proc/self/status; cut -d ' ' -f 1,5 /proc/$$/stat")
    #expect(result.lines.count == 3)
    let masks = result.lines.prefix(2).map { UInt64($0, radix: 16) }
    // Signals 32 and 33 belong to the C library, which sets their handlers when it needs them.
    #expect(masks.map { $0.map { $0 & ~0x1_8000_0000 } } == [0, 0])
    let process = result.lines.last.map { $0.split(separator: " ") } ?? []
    #expect(process.count == 2 && process.first == process.last, "pid and process group")
  }

  @Test func theEnvironmentIsWhatIsGivenWithoutTheSupervisorsOwn() throws {
    let result = try ScriptResult.of(
      "exec /usr/bin/env",
      environment: [
        "KEPT": "a=b c", "NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "2",
        "LISTEN_FDS": "3", "LISTEN_PID": "4", "FDSTORE": "5", "NOTIFY": "kept too",
      ])
    #expect(
      result.lines.filter { !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") }.sorted()
        == ["KEPT=a=b c", "NOTIFY=kept too"])
  }

  @Test func theInheritedEnvironmentIsFiltered() {
    setenv("PROCESS_CONTROL_KEPT", "1=2", 1)
    setenv("WATCHDOG_PROCESS_CONTROL", "1", 1)
    let variables = ChildEnvironment.inherited()
    #expect(variables["PROCESS_CONTROL_KEPT"] == "1=2")
    #expect(variables["WATCHDOG_PROCESS_CONTROL"] == nil)
  }

  @Test(arguments: [
    ("/nonexistent/riskd", ENOENT), ("/etc/passwd", EACCES), ("/", EACCES),
    ("/bin/sh\0/x", EINVAL),
  ])
  func whatCannotBeStartedIsAnError(executable: String, code: Int32) {
    #expect(throws: ProcessControlError.spawnFailed(executable: executable, code: code)) {
      _ = try ChildProcess.spawn(ChildLaunch(executable: executable))
    }
  }

  @Test(arguments: [0, 1, 75, 78, 255] as [Int32])
  func theExitCodeIsTold(code: Int32) throws {
    let child = try ChildProcess.spawn(
      ChildLaunch(executable: "/bin/sh", arguments: ["-c", "exit \(code)"]))
    #expect(try end(of: child) == .exited(code: code))
    #expect(child.exitStatus == .exited(code: code))
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGINT, SIGUSR1])
  func theSignalThatEndedTheChildIsTold(number: Int32) throws {
    let child = try sleeper()
    #expect(try child.signal(number))
    #expect(try end(of: child) == .signalled(number: number, coreDumped: false))
    #expect(try child.signal(SIGKILL) == false, "a reaped child takes no signal")
  }

  @Test func aStoppedChildIsKilled() throws {
    let child = try sleeper()
    #expect(try child.signal(SIGSTOP))
    let reactor = try Reactor()
    #expect(reactor.run { stateLetter(of: child.pid) == "T" })
    #expect(try child.signal(SIGKILL))
    #expect(try end(of: child) == .signalled(number: SIGKILL, coreDumped: false))
  }

  @Test func theEndIsSeenWhileAGrandchildLivesOn() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: "/bin/sh", arguments: ["-c", "sleep 600 & echo $!; exit 4"],
        output: pipe.writeEnd))
    pipe.writeEnd.close()
    let collector = try Collector(pipe.readEnd, on: reactor)
    var status: ChildProcess.ExitStatus?
    try child.whenEnded(on: reactor) { status = $0 }
    #expect(reactor.run { status != nil && !collector.lines.isEmpty })
    #expect(status == .exited(code: 4))
    let grandchild = try #require(collector.lines.first.flatMap { Int32($0) })
    #expect(kill(grandchild, 0) == 0, "it still runs")
    #expect(!collector.hasEnded, "and still holds the pipe")
    kill(grandchild, SIGKILL)
    #expect(reactor.run { collector.hasEnded })
  }

  @Test func aChildThatNobodyAwaitsIsKeptUntilSomebodyDoes() throws {
    let child = try sleeper()
    try child.signal(SIGKILL)
    let reactor = try Reactor()
    #expect(reactor.run { stateLetter(of: child.pid) == "Z" })
    #expect(child.exitStatus == nil)
    #expect(try child.signal(SIGTERM), "a zombie takes a signal without effect")
    #expect(try end(of: child) == .signalled(number: SIGKILL, coreDumped: false))
  }

  @Test func ignoredSIGCHLDDoesNotLoseTheStatus() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      let child = try ChildProcess.spawn(
        ChildLaunch(executable: "/bin/sh", arguments: ["-c", "exit 5"]))
      #expect(try end(of: child) == .exited(code: 5))
    }
  }

  @Test func twoHundredChildrenLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let reactor = try Reactor()
      let before = try openSocketsAndChildren()
      for round in 0..<20 {
        var ended = 0
        for _ in 0..<10 {
          let ends = try ControlPacket.makeEnds()
          let child = try ChildProcess.spawn(
            ChildLaunch(executable: "/bin/true", control: ends.worker))
          try child.whenEnded(on: reactor) { _ in ended += 1 }
        }
        #expect(reactor.run { ended == 10 }, "round \(round)")
        #expect(throws: ProcessControlError.self) {
          _ = try ChildProcess.spawn(ChildLaunch(executable: "/nonexistent/riskd"))
        }
      }
      #expect(try openSocketsAndChildren() == before)
      var nobody = siginfo_t()
      #expect(waitid(P_ALL, 0, &nobody, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD)
    }
  }

  @Test(arguments: [
    (ChildProcess.ExitStatus.exited(code: 78), "exit code 78"),
    (.signalled(number: 9, coreDumped: false), "signal 9"),
    (.signalled(number: 6, coreDumped: true), "signal 6 (core dumped)"),
  ])
  func statusesReadWell(status: ChildProcess.ExitStatus, text: String) {
    #expect(status.description == text)
  }
}

/// The open descriptors of a child with what they are, without the directory that ls reads.
private func descriptorsSeenByAChild(control: Descriptor?) throws -> [Int: String] {
  let result = try ScriptResult.of("exec ls -l /proc/self/fd", control: control)
  #expect(result.status == .exited(code: 0))
  var links: [Int: String] = [:]
  for line in result.lines {
    let words = line.split(separator: " ")
    guard words.count > 3, words[words.count - 2] == "->", let target = words.last,
      !target.hasPrefix("/proc/"), let number = Int(words[words.count - 3])
    else { continue }
    links[number] = String(target)
  }
  return links
}

/// How many sockets and pidfds are open. The test's own process opens other kinds when it likes.
private func openSocketsAndChildren() throws -> Int {
  try Descriptor.openNumbers().count { number in
    var target = [CChar](repeating: 0, count: 64)
    let length = readlink("/proc/self/fd/\(number)", &target, target.count)
    let text = String(
      decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.hasPrefix("socket:") || text == "anon_inode:[pidfd]"
  }
}

private func sleeper() throws -> ChildProcess {
  try ChildProcess.spawn(ChildLaunch(executable: "/bin/sleep", arguments: ["600"]))
}

private func end(of child: ChildProcess) throws -> ChildProcess.ExitStatus? {
  let reactor = try Reactor()
  var status: ChildProcess.ExitStatus?
  try child.whenEnded(on: reactor) { status = $0 }
  _ = reactor.run { status != nil }
  return status
}

/// The state of a process as /proc tells it: R, S, T, Z, …
private func stateLetter(of pid: Int32) -> Character? {
  guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 512)
  guard fgets(&line, Int32(line.count), file) != nil else { return nil }
  let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  guard let closing = text.lastIndex(of: ")") else { return nil }
  return text[closing...].dropFirst(2).first
}

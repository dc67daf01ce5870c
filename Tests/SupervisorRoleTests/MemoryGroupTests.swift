import Foundation
import Glibc
import Supervision
@testable import SupervisorRole
import Testing

@Suite struct MemoryGroupTests {
  private struct Kernel {
    let root: TemporaryRoot
    var groups: String { root.path + "/cgroup" }
    var mount: String { root.path + "/mount" }

    init(_ groups: String) throws {
      root = try TemporaryRoot()
      try groups.write(toFile: self.groups, atomically: false, encoding: .utf8)
    }

    func put(_ text: String, at path: String) throws {
      let file = "\(mount)/\(path)"
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: file, atomically: false, encoding: .utf8)
    }

    var group: MemoryGroup { MemoryGroup(groups: groups, mount: mount) }
  }

  @Test(arguments: [
    ("0::/system.slice/riskd.service\n", "system.slice/riskd.service/memory.events"),
    ("0::/riskd\n", "unified/riskd/memory.events"),
    ("4:memory:/riskd\n1:cpu:/\n", "memory/riskd/memory.oom_control"),
    ("4:cpu,memory:/elsewhere\n0::/\n", "memory/memory.oom_control"),
    ("0::/\n", "memory.events"),
  ])
  func theCountIsFound(groups: String, file: String) throws {
    let kernel = try Kernel(groups)
    defer { kernel.root.remove() }
    #expect(kernel.group.kills() == nil)
    try kernel.put("low 0\noom 5\noom_kill 3\noom_group_kill 9\n", at: file)
    let group = kernel.group
    #expect(group.kills() == 3)
    try kernel.put("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n", at: file)
    #expect(group.kills() == 4)
    try kernel.put("oom_kill x\n", at: file)
    #expect(group.kills() == nil)
  }

  @Test(arguments: ["", "no group\n", "1:cpu:/x\n"])
  func withoutAGroupNothingIsKnown(groups: String) throws {
    let kernel = try Kernel(groups)
    defer { kernel.root.remove() }
    #expect(kernel.group.counter == nil)
    #expect(kernel.group.kills() == nil)
  }

  /// A group of the kernel's own, of the version that this machine has, with little memory.
  private struct RealGroup {
    let path: String
    let limitFile: String
    /// A line of /proc/self/cgroup for a process in it.
    let line: String

    static let name = "riskd-test-\(getpid())"

    init?() {
      guard getuid() == 0 else { return nil }
      let first = "/sys/fs/cgroup/memory/\(Self.name)"
      let second = "/sys/fs/cgroup/\(Self.name)"
      if access("/sys/fs/cgroup/memory/memory.limit_in_bytes", F_OK) == 0, mkdir(first, 0o755) == 0
      {
        path = first
        limitFile = first + "/memory.limit_in_bytes"
        line = "4:memory:/\(Self.name)\n"
      } else if access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0, mkdir(second, 0o755) == 0 {
        path = second
        limitFile = second + "/memory.max"
        line = "0::/\(Self.name)\n"
      } else {
        return nil
      }
      do {
        try "16777216".write(toFile: limitFile, atomically: false, encoding: .utf8)
      } catch {
        rmdir(path)
        return nil
      }
    }

    func remove() {
      _ = eventually { rmdir(path) == 0 || errno == ENOENT }
    }
  }

  /// An automatic run has to show it, whatever the machine lacks.
  private static var canRun: Bool {
    if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
    guard let group = RealGroup() else { return false }
    group.remove()
    return true
  }

  @Test(.enabled(if: canRun, "needs root and a memory controller"))
  func theKernelEndsAProcessThatTakesTooMuch() throws {
    let group = try #require(RealGroup(), "no memory group can be made here")
    defer { group.remove() }
    let kernel = try Kernel(group.line)
    defer { kernel.root.remove() }
    let watch = MemoryGroup(groups: kernel.groups)
    #expect(watch.counter?.hasPrefix(group.path) == true)
    let before = try #require(watch.kills())

    let hog = Process()
    hog.executableURL = URL(fileURLWithPath: "/bin/sh")
    // Doubles a variable of the shell until the group is full.
    hog.arguments = [
      "-c", "echo $$ > \(group.path)/cgroup.procs && x=0123456789abcdef; while :; do x=$x$x; done",
    ]
    hog.standardError = FileHandle.nullDevice
    try hog.run()
    hog.waitUntilExit()
    #expect(hog.terminationReason == .uncaughtSignal)
    #expect(hog.terminationStatus == SIGKILL)
    #expect(watch.kills() == before + 1)
  }
}

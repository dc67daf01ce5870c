import Glibc
import ProcessControl
import RiskModel
import Testing

@Suite struct InstanceLockTests {
  let directory: TemporaryDirectory
  var path: String { "\(directory.path)/riskd.lock" }

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func theSecondInstanceIsRefusedAndToldWhoHoldsTheLock() throws {
    let lock = try InstanceLock.acquire(path: path)
    #expect(lock.path == path)
    #expect(throws: ProcessControlError.lockHeld(path: path, holder: getpid())) {
      _ = try InstanceLock.acquire(path: path)
    }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    lock.release()
    #expect(canBeTaken(path))
  }

  @Test func anotherProcessHoldsTheLockUntilItDies() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: "/bin/sh",
        arguments: ["-c", "exec 9>\(path); flock 9; echo 4242 >&9; echo held; exec sleep 600"],
        output: pipe.writeEnd))
    pipe.writeEnd.close()
    let collector = try Collector(pipe.readEnd, on: reactor)
    #expect(reactor.run { collector.lines == ["held"] })
    #expect(throws: ProcessControlError.lockHeld(path: path, holder: 4_242)) {
      _ = try InstanceLock.acquire(path: path)
    }
    try child.signal(SIGKILL)
    try child.whenEnded(on: reactor) { _ in }
    #expect(reactor.run { child.exitStatus != nil && collector.hasEnded })
    #expect(canBeTaken(path))
  }

  @Test(arguments: ["", "rubbish", "12", "-5\n", "99999999999999\n"])
  func aFileThatDoesNotTellThePidIsStillALock(content: String) throws {
    let file = Descriptor(owning: open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
    if !content.isEmpty { try write(content, to: file) }
    #expect(flock(file.number, LOCK_EX) == 0)
    #expect(throws: ProcessControlError.lockHeld(path: path, holder: nil)) {
      _ = try InstanceLock.acquire(path: path)
    }
  }

  @Test func whoRemovesTheLockFileOfARootDoesNotGetTheRoot() throws {
    let root = directory.path
    for folder in ["run", "data"] { #expect(mkdir("\(root)/\(folder)", 0o700) == 0) }
    let first = try InstanceLock.acquire(root: root)
    let file = "\(root)/run/riskd.lock"
    #expect(throws: ProcessControlError.lockHeld(path: file, holder: getpid())) {
      _ = try InstanceLock.acquire(root: root)
    }
    #expect(unlink(file) == 0)
    #expect(throws: ProcessControlError.lockHeld(path: "\(root)/data", holder: nil)) {
      _ = try InstanceLock.acquire(root: root)
    }
    #expect(access(file, F_OK) != 0)
    first.release()
    let second = try InstanceLock.acquire(root: root)
    #expect(access(file, F_OK) == 0)
    second.release()
    // Somebody who knows nothing of the folder has the file: its lock counts, and the folder is free.
    let third = try InstanceLock.acquire(path: file)
    #expect(throws: ProcessControlError.lockHeld(path: file, holder: getpid())) {
      _ = try InstanceLock.acquire(root: root)
    }
    third.release()
    #expect(eventually { (try? InstanceLock.acquire(root: root))?.release() != nil })
  }

  @Test func aRootWithoutDataIsLockedByItsFile() throws {
    #expect(mkdir("\(directory.path)/run", 0o700) == 0)
    let lock = try InstanceLock.acquire(root: directory.path)
    #expect(throws: ProcessControlError.lockHeld(path: lock.path, holder: getpid())) {
      _ = try InstanceLock.acquire(root: directory.path)
    }
    lock.release()
    #expect(symlink("/etc/passwd", "\(directory.path)/data") == 0)
    #expect(
      throws: ProcessControlError.systemCall(name: "lock \(directory.path)/data", code: ENOTDIR)
    ) {
      _ = try InstanceLock.acquire(root: directory.path)
    }
  }

  @Test func aChildDoesNotKeepTheLock() throws {
    let lock = try InstanceLock.acquire(path: path)
    let child = try ChildProcess.spawn(
      ChildLaunch(executable: "/bin/sleep", arguments: ["600"]))
    lock.release()
    #expect(canBeTaken(path))
    try child.signal(SIGKILL)
    let reactor = try Reactor()
    try child.whenEnded(on: reactor) { _ in }
    #expect(reactor.run { child.exitStatus != nil })
  }

  @Test func aSymbolicLinkIsRefused() throws {
    #expect(symlink("/etc/passwd", path) == 0)
    #expect(throws: ProcessControlError.systemCall(name: "lock \(path)", code: ELOOP)) {
      _ = try InstanceLock.acquire(path: path)
    }
  }

  @Test func whatIsNoRegularFileIsRefused() throws {
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: ProcessControlError.systemCall(name: "lock \(path)", code: EINVAL)) {
      _ = try InstanceLock.acquire(path: path)
    }
    #expect(
      throws: ProcessControlError.systemCall(name: "lock \(directory.path)", code: EISDIR)
    ) {
      _ = try InstanceLock.acquire(path: directory.path)
    }
    let missing = "\(directory.path)/missing/riskd.lock"
    #expect(throws: ProcessControlError.systemCall(name: "lock \(missing)", code: ENOENT)) {
      _ = try InstanceLock.acquire(path: missing)
    }
  }
}

private func canBeTaken(_ path: String) -> Bool {
  eventually {
    guard let lock = try? InstanceLock.acquire(path: path) else { return false }
    lock.release()
    return true
  }
}

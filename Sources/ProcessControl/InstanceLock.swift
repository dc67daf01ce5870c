import CPlatform
import Glibc

/// The right to be the only supervisor of a directory: a flock on a file, usually `run/riskd.lock`.
///
/// The kernel ends the lock with the process, however it dies; children do not inherit it. The file
/// stays and tells the pid of its last holder.
package struct InstanceLock: Sendable {
  package let path: String
  private let file: Descriptor

  /// Takes the lock or says who has it; never waits.
  ///
  /// - Throws: `lockHeld`, or `systemCall` when the path is no regular file (a symbolic link is
  ///   refused: ELOOP) or cannot be opened.
  package static func acquire(path: String) throws(ProcessControlError) -> InstanceLock {
    var holder: pid_t = 0
    let result = platform_lock(path, &holder)
    guard result != -EWOULDBLOCK else {
      throw .lockHeld(path: path, holder: holder > 0 ? holder : nil)
    }
    let number = try checked(result, "lock \(path)")
    return InstanceLock(path: path, file: Descriptor(owning: number))
  }

  package func release() {
    file.close()
  }
}

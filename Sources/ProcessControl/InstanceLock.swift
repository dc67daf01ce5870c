import CPlatform
import Glibc

/// The right to be the only one who does something: a flock on a file, and on a folder as well for
/// the right to a whole root.
///
/// The kernel ends the lock with the process, however it dies; children do not inherit it. The file
/// stays and tells the pid of its last holder.
package struct InstanceLock: Sendable {
  package let path: String
  private let file: Descriptor
  private let folder: Descriptor?

  /// Takes the lock or says who has it; never waits.
  ///
  /// - Throws: `lockHeld`, or `systemCall` when the path is no regular file (a symbolic link is
  ///   refused: ELOOP) or cannot be opened.
  package static func acquire(path: String) throws(ProcessControlError) -> InstanceLock {
    InstanceLock(path: path, file: try lockedFile(path), folder: nil)
  }

  /// Takes the right to act on what is in a root: to supervise it, or to change its database while
  /// nobody does.
  ///
  /// The file `run/riskd.lock` tells who has it, and the folder `data` is locked too: whoever removed
  /// the file could make and lock another one, and two would act. Nobody but riskd's own user can
  /// open that folder, so nobody else can hold its lock and keep riskd from starting.
  ///
  /// - Throws: `lockHeld` or `systemCall`. A folder `data` that is not there has nothing to protect.
  package static func acquire(root: String) throws(ProcessControlError) -> InstanceLock {
    let path = root + "/run/riskd.lock"
    let folder = try lockedFolder(root + "/data", file: path)
    do {
      return InstanceLock(path: path, file: try lockedFile(path), folder: folder)
    } catch {
      folder?.close()
      throw error
    }
  }

  private static func lockedFile(_ path: String) throws(ProcessControlError) -> Descriptor {
    var holder: pid_t = 0
    let result = platform_lock(path, &holder)
    guard result != -EWOULDBLOCK else {
      throw .lockHeld(path: path, holder: holder > 0 ? holder : nil)
    }
    return Descriptor(owning: try checked(result, "lock \(path)"))
  }

  private static func lockedFolder(
    _ folder: String, file: String
  ) throws(ProcessControlError) -> Descriptor? {
    let result = platform_lock_folder(folder)
    switch result {
    case -ENOENT:
      return nil
    case -EWOULDBLOCK:
      let holder = platform_lock_holder(file)
      throw .lockHeld(path: holder > 0 ? file : folder, holder: holder > 0 ? holder : nil)
    default:
      return Descriptor(owning: try checked(result, "lock \(folder)"))
    }
  }

  package func release() {
    file.close()
    folder?.close()
  }
}

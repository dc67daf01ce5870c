import Glibc
import ProcessControl
package import VenueAPI

/// The session token that all processes of one riskd share, in an encrypted file.
///
/// The file is replaced as a whole, so that every read finds the old token or the new one. Reading
/// and writing take no lock; `tryLock` is the right to be the one process that asks the venue for a
/// new token.
package struct TokenStore: Sendable {
  /// Far above what tokens of the venue take, some 600 bytes.
  private static let sizeLimit = 16 << 10

  package let path: String
  private let seal: SealedText

  /// - Parameters:
  ///   - path: the file; its lock lies beside it.
  ///   - key: 32 bytes.
  ///   - owner: the venue and its user; a token that was stored for another is not used.
  package init(path: String, key: [UInt8], owner: String) {
    self.path = path
    seal = SealedText(key: key, owner: Array(owner.utf8))
  }

  /// The stored token; `nil` when there is none.
  package func load() throws(TokenStoreError) -> VenueToken? {
    guard let bytes = try read() else { return nil }
    guard let text = seal.open(bytes).flatMap({ String(validating: $0, as: UTF8.self) }),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .undecryptable(path: path) }
    return VenueToken(text)
  }

  /// Replaces the token. It is on the disk when this returns.
  package func save(_ token: VenueToken) throws(TokenStoreError) {
    let bytes = seal.seal(Array(token.revealed.utf8))
    let new = "\(path).\(getpid()).new"
    // What a process of this number left behind when it died.
    unlink(new)
    do throws(TokenStoreError) {
      try write(bytes, to: new)
      guard rename(new, path) == 0 else { throw failure("rename") }
    } catch {
      unlink(new)
      throw error
    }
    try flushFolder()
  }

  /// Removes what cannot be used.
  package func discard() {
    unlink(path)
  }

  /// The right to ask the venue for a new token, or `nil` while another process has it. It ends
  /// with the process or with `release`.
  package func tryLock() throws(TokenStoreError) -> RefreshLock? {
    do throws(ProcessControlError) {
      return RefreshLock(lock: try InstanceLock.acquire(path: lockPath))
    } catch .lockHeld {
      return nil
    } catch {
      throw failure("lock")
    }
  }

  /// The file that is locked; it holds the number of the process that locked it last.
  package var lockPath: String { path + ".lock" }

  private func failure(_ name: String, _ code: Int32 = errno) -> TokenStoreError {
    .systemCall(name: name, path: path, code: code)
  }

  private func read() throws(TokenStoreError) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("open")
    }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw failure("fstat") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile(path: path) }
    guard status.st_uid == geteuid() else { throw .foreignOwner(path: path) }
    let mode = UInt32(status.st_mode) & 0o777
    guard mode & 0o077 == 0 else { throw .openToOthers(path: path, mode: mode) }
    guard status.st_size <= off_t(TokenStore.sizeLimit) else { throw .undecryptable(path: path) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let some = bytes.withUnsafeMutableBytes {
        Glibc.read(file.number, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if some < 0, errno == EINTR { continue }
      guard some >= 0 else { throw failure("read") }
      guard some > 0 else { throw .undecryptable(path: path) }
      count += some
    }
    return bytes
  }

  private func write(_ bytes: [UInt8], to name: String) throws(TokenStoreError) {
    let number = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw failure("open") }
    let file = Descriptor(owning: number)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write") }
      rest = rest.dropFirst(count)
    }
    guard fsync(file.number) == 0 else { throw failure("fsync") }
  }

  /// The new name is on the disk, too.
  private func flushFolder() throws(TokenStoreError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let number = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw failure("open the folder") }
    let file = Descriptor(owning: number)
    guard fsync(file.number) == 0 else { throw failure("fsync of the folder") }
  }
}

/// The right to ask the venue for a new token.
package struct RefreshLock: Sendable {
  let lock: InstanceLock

  package func release() { lock.release() }
}

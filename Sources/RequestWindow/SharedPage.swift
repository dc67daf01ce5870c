import Glibc
import ProcessControl

/// The mapped file, or memory of this process where there can be none.
final class SharedPage {
  let memory: UnsafeMutableRawPointer
  /// `nil` for memory of this process alone.
  private let file: Descriptor?

  private init(memory: UnsafeMutableRawPointer, file: Descriptor?) {
    self.memory = memory
    self.file = file
  }

  deinit {
    if file == nil { memory.deallocate() } else { munmap(memory, RequestRing.size) }
  }

  static func unshared() -> SharedPage {
    SharedPage(
      memory: .allocate(byteCount: RequestRing.size, alignment: 8), file: nil)
  }

  /// Opens the file, makes it if need be, and brings it to its size.
  static func open(_ path: String) throws(RequestWindowError) -> SharedPage {
    func failure(_ name: String, _ code: Int32 = errno) -> RequestWindowError {
      .systemCall(name: name, path: path, code: code)
    }
    // Without O_NONBLOCK a pipe in its place would be waited for.
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let number = Glibc.open(path, flags, 0o600)
    guard number >= 0 else { throw failure("open") }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw failure("fstat") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile(path: path) }
    if status.st_size != off_t(RequestRing.size) {
      guard ftruncate(number, off_t(RequestRing.size)) == 0 else { throw failure("ftruncate") }
    }
    // A page without a place on the disk would end the process when it is touched.
    let code = posix_fallocate(number, 0, off_t(RequestRing.size))
    guard code == 0 else { throw failure("posix_fallocate", code) }
    let memory = mmap(nil, RequestRing.size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
    guard let memory, memory != UnsafeMutableRawPointer(bitPattern: -1) else {
      throw failure("mmap")
    }
    return SharedPage(memory: memory, file: file)
  }

  /// Whether the file is still the one that others open, and of its size.
  var isCurrent: Bool {
    guard let file else { return true }
    var status = stat()
    return fstat(file.number, &status) == 0 && status.st_nlink > 0
      && status.st_size == off_t(RequestRing.size)
  }

  func tryLock() -> Bool {
    guard let file else { return true }
    return flock(file.number, LOCK_EX | LOCK_NB) == 0
  }

  func unlock() {
    guard let file else { return }
    _ = flock(file.number, LOCK_UN)
  }
}

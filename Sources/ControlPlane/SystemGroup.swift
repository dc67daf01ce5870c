import Glibc

/// The machine's groups.
enum SystemGroup {
  /// `nil` where the machine has no such group.
  static func number(of name: String) -> UInt32? {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    var buffer = [CChar](repeating: 0, count: 65_536)
    guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
      return nil
    }
    return entry.gr_gid
  }

  /// Whether this process may hand a file of its own to a group.
  static func isOwn(_ number: UInt32) -> Bool {
    if geteuid() == 0 || getegid() == number { return true }
    let count = getgroups(0, nil)
    guard count > 0 else { return false }
    var groups = [gid_t](repeating: 0, count: Int(count))
    let found = getgroups(count, &groups)
    return found > 0 && groups.prefix(Int(found)).contains(number)
  }
}

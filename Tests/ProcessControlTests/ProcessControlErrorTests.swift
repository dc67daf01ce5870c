import Glibc
import ProcessControl
import Testing

@Suite struct ProcessControlErrorTests {
  static let cases: [(ProcessControlError, String)] = [
    (.systemCall(name: "pipe2", code: EMFILE), "pipe2 failed: Too many open files (EMFILE)"),
    (.systemCall(name: "pipe2", code: 9_999), "pipe2 failed: error 9999"),
    (
      .spawnFailed(executable: "/opt/riskd", code: ENOENT),
      "cannot start /opt/riskd: No such file or directory (ENOENT)"
    ),
    (
      .packetTooLong(bytes: 9, limit: 8),
      "a message of 9 bytes exceeds the limit of 8 bytes"
    ),
    (.packetTruncated(limit: 8), "a packet exceeded the limit of 8 bytes"),
    (.descriptorsLost, "a packet carried more descriptors than could be taken"),
    (
      .descriptorCountWrong(expected: 2, received: 1),
      "a message came with 1 descriptors instead of 2"
    ),
    (.packetUnreadable(bytes: 3), "a packet of 3 bytes is not a control message"),
    (.outQueueFull(limit: 64), "the other side does not read: 64 packets wait"),
    (
      .messageUnexpected(kind: "start", state: "working"),
      "the message start is not expected while working"
    ),
    (
      .controlEndMissing(descriptor: 3),
      "descriptor 3 is not a SEQPACKET socket; workers are started by the supervisor"
    ),
    (.descriptorsUnexpected([4, 7]), "unexpected open descriptors: 4, 7"),
    (.lockHeld(path: "run/riskd.lock", holder: 12), "run/riskd.lock is locked by process 12"),
    (.lockHeld(path: "run/riskd.lock", holder: nil), "run/riskd.lock is locked by another process"),
  ]

  @Test(arguments: cases)
  func errorsReadWell(error: ProcessControlError, text: String) {
    #expect(error.description == text)
  }
}

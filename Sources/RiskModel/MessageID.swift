/// The kinds of records that the journal can be searched for: `journalctl MESSAGE_ID=…`.
///
/// A kind keeps its number for ever, also when its text changes.
package enum MessageID: String, Sendable, CaseIterable {
  // The history of the supervisor; `riskctl history` shows the same records.
  case supervisorStarted = "1b045c3063074979b7c64446867db0e7"
  case workerStarted = "3a63732d228546e38cca8efee2175f69"
  case workerReady = "718e80eddea544aaab87b71087cf38db"
  case workerDegraded = "5cd4c99be4c64ddfa076be185dd496c3"
  case workerRestored = "6aa0483c1bdb4337a227ed785386747f"
  case workerSlow = "2fadfaa3ce7d4f3eb724b6fd9ee7f4bd"
  case workerAnswering = "827e7a071ad54076a79475c1f9eaa03b"
  case death = "cbe43d338e6349fc91cc4de3c05c6202"
  case spawnFailed = "cd15e6c91f9447fc8375d5ba3e287196"
  case restartAsked = "62f296d265fd4dd3abeb46132ea6197f"
  case reloadAccepted = "bfb4eb29ef004cc7b5cedcf7fd13dce3"
  case reloadRefused = "3c46108895e34cd2a4d70f34ee8e4614"
  case signalSent = "543f6b7fc1f14a1ba89b67ccc81e8c82"
  case unkillable = "0d2ad7a570474a3388203e3516c0299c"
  case linkMade = "1c2dea1141b84ba380551e769ebe71f8"
  case linkBroken = "fa39de0d606d4af6bb3360f665cd384d"
  case linkFailed = "0257e2c10ef54bdc957793c151c05155"
  case badConfiguration = "f3a71e085bc34743826120691c246053"
  case ready = "8f402b9619e349879baa0daad6932a42"
  case readyDegraded = "31d9994820284b72b36c5f20c92d86a9"
  case crashLoop = "7257abd5c4c64952b82fe00df0821783"
  case safeMode = "f3d188c2874942388edc238d3886373c"
  case safeModeEnded = "4ee14c0307274cf6b8c54a2d7cfde6c7"
  case rolledBack = "75dab423742b4cb0851abcd4cc981265"
  case releaseGood = "5022c0b7f0f849979cd5cfcfc5173193"
  case verdictFailed = "b3e7ebbe3ce144feb42653a3eb440dc1"
  case canaryLost = "046032b56ce44f81a36d2b4acdd84a96"
  case canaryBack = "d79dfcb6d08b4668ad717bdf2d43a346"
  case messageQuarantined = "7ae86706247e41a2930cb09f58fa0018"
  case messageSkipped = "c917df0ce8e8410f8b8ca4e66a80c3d7"
  case stalled = "9afb3c3bd38d4f0c80a1229d69be82fa"
  case stopAsked = "4e45f609f0e64409b17ac821b24e61bd"
  case stopped = "8763e5789441457bad9bce828adb7900"

  // What the gateway found out about the venue's own news.
  /// A read of an account showed changes that no event had told; the cause says why it was read.
  case accountDiffered = "c0d2a6b1f4934f7d8a51e7396d20b84c"
  /// Stream, lists and our own trades went on disagreeing about an account.
  case sourcesDisagree = "7a1b5de8c3f24c0e9b6402f8d91a35e7"

  // What is decided and done. These records carry DECISION_ID, the target that is meant.
  /// A rule fired.
  case breach = "06f73bb3fe6a4c718528bcd2a53d3d3d"
  /// A rule came to 70 or 90 percent of its limit.
  case limitNear = "4a4bc15afd4c425c917e3c5f5bce9b1c"
  /// A target stands from now on.
  case targetAdopted = "239790d2fbe240ab81fa70b8c7c63f86"
  case targetEnded = "f639aa6dcd574e44be9ad8cc57b6034c"
  /// A request of the enforcer that changes the venue, with its outcome.
  case enforcementStep = "d06316d404a3483db4b28553e92ca62c"
  /// The venue's own answers show that the target is reached.
  case targetProven = "54cc6f6a72a340cd8c46def321b7d4e8"
  case targetFailing = "dbd0ac031d6f4705b16ea1a6d3b4340c"
  /// Exposure came back while it is locked out.
  case reentry = "52987e1a69d94ca99f4fa593fc12cb1e"
  case dailyReset = "e8599a61fac04ced9b2c42b54af8db07"
  case enforcementAlert = "b7b391fd536c4460b08a7542f102144f"

  /// A rule of monitoring.yaml fired, goes on or is over.
  case alert = "c2a7d6f1b0e94f1d8a5b3e7c9d10f2a4"

  /// Records were dropped; LOG_DROPPED says how many.
  case logDropped = "6d07f970357b40bfa78b6b233ac4bfab"
}

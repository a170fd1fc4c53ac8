// Package translog is a petition's public log: who signs can prove to be counted,
// and whoever reads can check that the count was not quietly changed. It has the
// leaves, the tree, checkpoints, receipts, and the check of a published log from
// its files alone; it knows no database, and reads no clock.
//
// # Why
//
// A counter is believed or it is not. Here each signature, withdrawal and removal
// is a line of a log that only grows. The log's root is signed and handed out with
// each digest, so that a line changed later no longer fits what is in many hands.
// No line names anybody.
//
// # Protocol
//
// A leaf is an ASCII line without time:
//
//	open SLUG TEXT_SHA256 CLOSES
//	sign SLUG C
//	withdraw SLUG INDEX
//	void SLUG INDEX REASON
//	tally SLUG SIGNED WITHDRAWN VOIDED NET
//	close SLUG NET
//
// TEXT_SHA256 is of petition.json, C a [Commitment], REASON one of [Reasons].
// [Replay] says which may follow which. A leaf has one encoding: parsing refuses
// what is not byte for byte it. The first word is its version.
//
// The tree is that of RFC 6962, by golang.org/x/mod/sumdb/tlog. A checkpoint is a
// C2SP tlog-checkpoint with the origin ORIGIN/SLUG, signed with ed25519 as a C2SP
// signed note by a key of the same name; it stands after a tally. A receipt is a
// C2SP tlog-proof.
//
// A bundle is a folder: petition.json, leaves.txt (a leaf a line), checkpoints.txt
// (all checkpoints, oldest first, one after the other), checkpoint.txt (the last),
// key.txt, and index.html, a page that checks the others offline. [Write] makes
// one, [Verify] checks one.
//
// # What no log can show
//
// That an account is a person, or that two accounts are two people. That the
// keeper added no signature of his own: a commitment looks like any other. That a
// signature was refused, or never appended: only its signer's missing receipt
// tells. That all readers see one log: two that are each consistent are told apart
// only where somebody holds a checkpoint of both, which is why each digest carries
// one and why an earlier bundle is worth keeping; outside witnesses are not
// supported. When something was done: leaves have no time, so that an early close
// shows until the petition's own closing instant, and afterwards in nothing but a
// copy from before. Nor can it hide a withdrawal from whoever holds an old receipt.
//
// # Faults
//
// Checking stops at the first fault and names its place: an [Error]. The order is
// petition.json, key.txt, checkpoints.txt, checkpoint.txt, leaves.txt with the
// checkpoints as they are reached and the earlier log beside it, the instants, and
// the receipt.
package translog

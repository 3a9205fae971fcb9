# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The kinds of differences between our books and the processor's, and what is to be done about each."""

REMEDIES = {
    "missing_payment": "The processor took this money and no payment here knows of it. Find out in the processor's"
    " dashboard whom it was taken from: refund it there, or record the visit as paid.",
    "missing_charge": "We say this was captured and the processor has no such charge. Do not ship or refund on it;"
    " compare with the processor's support, then settle the visit anew.",
    "amount_differs": "The ledger was corrected to what the processor moved, where that could be done. Where this is"
    " open, more was given back than was taken: check the refunds of this payment.",
    "fee_differs": "The ledger was corrected to the fees that the processor kept and passed on. Where this repeats,"
    " compare the agreed prices with the processor's.",
    "refund_missing_here": "A refund was made outside of here. It was added, with its ledger entries.",
    "refund_missing_there": "We say this was given back and the processor has no such refund. The customer may not have"
    " their money: give it back in the processor's dashboard, and resolve this with the reason.",
    "dispute_missing_here": "A dispute was opened without our hearing of it. It was added: answer it in time.",
    "ledger_unbalanced_day": "Entries of this day have no movement of the balance at the processor behind them. "
    "Compare the day's ledger with the processor's balance report, and resolve this with the reason.",
    "payout_differs": "A payout is not the sum of what it pays out, or not what we had kept. What we keep was set"
    " to the processor's figure; where this is open, ask the processor which movement it left out.",
    "duplicate_charge": "The same payment was taken twice. Refund one of the two in the processor's dashboard.",
    "status_differs": "We and the processor disagree about whether this was paid. It was set to the processor's word"
    " where nothing else had settled the payment; where this is open, one of the two has to be given back.",
}

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The room's use cases, one file each subject; import them from here."""

from tithi.payments.processor import publishable_key
from tithi.payments.service.accounts import begin_onboarding, refresh_account, refresh_own_account
from tithi.payments.service.answering import recover_evidence, submit_evidence
from tithi.payments.service.breaks import resolve as resolve_break
from tithi.payments.service.cards import (
    NO_CARD,
    SetupAnswer,
    apply_setup,
    begin_setup,
    call_setup,
    card_state,
    recover_setup,
)
from tithi.payments.service.charging import charge, recover_attempt
from tithi.payments.service.closing import waive, write_off
from tithi.payments.service.deposits import give_back as give_deposit_back
from tithi.payments.service.deposits import live_deposit, open_deposit, return_deposit, take_deposit, void_deposit
from tithi.payments.service.events_in import apply_event, receive_event
from tithi.payments.service.gift_cards import expire as expire_gift_card
from tithi.payments.service.gift_cards import issue as issue_gift_card
from tithi.payments.service.gift_cards import keep_at_most as keep_gift_card_at_most
from tithi.payments.service.gift_cards import reserve as reserve_gift_card
from tithi.payments.service.gift_cards import void as void_gift_card
from tithi.payments.service.holds import prepare_hold, renew_hold
from tithi.payments.service.keeping import activate_account, choose_card, forget_card
from tithi.payments.service.more import charge_more, prepare_more, top_up
from tithi.payments.service.outcomes import (
    cancel_open,
    is_charging,
    live_client_secret,
    open_payment,
    prepare_charge,
    propose,
    settle_elsewhere,
)
from tithi.payments.service.receipts import issue_credit_notes, issue_receipt
from tithi.payments.service.reconciling import Reconciliation, reconcile, reconcile_daily
from tithi.payments.service.recovery import (
    ask_customer,
    begin_recovery,
    charge_again,
    charge_if_owed,
    charge_new_card,
    end_recovery,
    recover_money,
    unblock_payer,
)
from tithi.payments.service.refunds import prepare_refund, recover_refund, refund_whole
from tithi.payments.service.reopening import reopen
from tithi.payments.service.voiding import void_hold, void_live_attempt

__all__ = [
    "NO_CARD",
    "Reconciliation",
    "SetupAnswer",
    "activate_account",
    "apply_event",
    "apply_setup",
    "ask_customer",
    "begin_onboarding",
    "begin_recovery",
    "begin_setup",
    "call_setup",
    "cancel_open",
    "card_state",
    "charge",
    "charge_again",
    "charge_if_owed",
    "charge_more",
    "charge_new_card",
    "choose_card",
    "end_recovery",
    "expire_gift_card",
    "forget_card",
    "give_deposit_back",
    "is_charging",
    "issue_credit_notes",
    "issue_gift_card",
    "issue_receipt",
    "keep_gift_card_at_most",
    "live_client_secret",
    "live_deposit",
    "open_deposit",
    "open_payment",
    "prepare_charge",
    "prepare_hold",
    "prepare_more",
    "prepare_refund",
    "propose",
    "publishable_key",
    "receive_event",
    "reconcile",
    "reconcile_daily",
    "recover_attempt",
    "recover_evidence",
    "recover_money",
    "recover_refund",
    "recover_setup",
    "refresh_account",
    "refresh_own_account",
    "refund_whole",
    "renew_hold",
    "reopen",
    "reserve_gift_card",
    "resolve_break",
    "return_deposit",
    "settle_elsewhere",
    "submit_evidence",
    "take_deposit",
    "top_up",
    "unblock_payer",
    "void_deposit",
    "void_gift_card",
    "void_hold",
    "void_live_attempt",
    "waive",
    "write_off",
]

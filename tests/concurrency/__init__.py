"""Rivals at the same moment, each race with a control that shows it would be lost without the rule."""

// Copyright (C) 2026 The Tithi developers
// SPDX-License-Identifier: AGPL-3.0-or-later

// Reads the workload as JSON from standard input, computes its slots as the package's request path does, and writes for
// each size the milliseconds of every computation and the epoch minutes that were found.

import { readFileSync } from "node:fs";
import dayjs from "dayjs";
import "peer:dayjs";
import { b as buildDateRanges, s as subtract } from "peer:ranges";
import { getAggregatedAvailability, getSlots } from "peer:slots";

const { zone, shifts, sizes } = JSON.parse(readFileSync(0, "utf8"));
const clockTime = (minute) => new Date(Date.UTC(1970, 0, 1, Math.floor(minute / 60), minute % 60));
const availability = shifts.map(([start, end]) => ({
  days: [0, 1, 2, 3, 4, 5, 6],
  startTime: clockTime(start),
  endTime: clockTime(end),
}));

function freeOf(size, bookings) {
  const { dateRanges, oooExcludedDateRanges } = buildDateRanges({
    availability,
    timeZone: zone,
    dateFrom: dayjs.utc(size.from),
    dateTo: dayjs.utc(size.until),
    travelSchedules: [],
    outOfOffice: {},
  });
  const stored = bookings.map(([start, end]) => ({
    start: dayjs(start * 60000).toISOString(),
    end: dayjs(end * 60000).toISOString(),
  }));
  const busy = stored.map(({ start, end }) => ({ start: dayjs(start), end: dayjs(end) }));
  return {
    dateRanges: subtract(dateRanges, busy),
    oooExcludedDateRanges: subtract(oooExcludedDateRanges, busy),
    user: { isFixed: false },
  };
}

function slotsOf(size, free) {
  const slots = getSlots({
    inviteeDate: dayjs(size.from).utc().tz(zone),
    eventLength: size.length,
    offsetStart: 0,
    dateRanges: getAggregatedAvailability(free, "ROUND_ROBIN"),
    minimumBookingNotice: 0,
    frequency: size.step,
  });
  const formatter = new Intl.DateTimeFormat("fr-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone });
  return slots.reduce((days, { time }) => {
    const day = formatter.format(time.toDate());
    days[day] = days[day] || [];
    days[day].push({ time: time.toISOString() });
    return days;
  }, {});
}

const outputs = {
  union: (size) => [slotsOf(size, size.bookings.map((bookings) => freeOf(size, bookings)))],
  each: (size) => size.bookings.map((bookings) => slotsOf(size, [freeOf(size, bookings)])),
};

function measured(size, compute) {
  const spent = [];
  let found;
  for (let number = -Math.ceil(size.runs / 5); number < size.runs; number++) {
    const began = performance.now();
    found = compute(size);
    if (number >= 0) spent.push(performance.now() - began);
  }
  const minutes = found.map((days) => Object.values(days).flat().map(({ time }) => Date.parse(time) / 60000));
  return { spent, minutes };
}

const answers = sizes.map((size) => measured(size, outputs[size.output]));
process.stdout.write(JSON.stringify(answers));

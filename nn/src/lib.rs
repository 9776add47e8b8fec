//! Modules, losses, optimisers, schedules, state dicts and the networks of the homework.

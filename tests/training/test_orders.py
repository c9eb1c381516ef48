"""What other threads ask of a session, in the order in which it is carried out."""

from threading import Thread

from babybert_tui.training.orders import Orders

PATIENCE = 10  # seconds


class Updates:
    """A thread that makes updates as the orders allow, until stopped."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.made = 0
        self.changes: list[tuple[str, object]] = []
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            self.changes += self.orders.carry_out()
            if self.orders.stop_reason is not None:
                break
            self.made += 1
        self.orders.close()

    def after_all_so_far(self) -> int:
        """The updates made when all that was asked before has been carried out."""
        return self.orders.call(lambda: self.made).result(PATIENCE)

    def pause_between_updates(self) -> int:
        """The updates made when the pause begins."""

        def pause() -> int:
            self.orders.pause()
            return self.made

        return self.orders.call(pause).result(PATIENCE)

    def end(self) -> None:
        """Stops it and waits for its end."""
        self.orders.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def paused() -> Updates:
    """Updates, none of which is made before it is asked for."""
    orders = Orders()
    orders.pause()
    return Updates(orders)


def test_a_single_step_is_one_update_each() -> None:
    updates = paused()
    for count in (1, 2, 3):
        updates.orders.single_step()
        assert updates.after_all_so_far() in (count - 1, count)  # the call may come before the step it woke for
        assert updates.after_all_so_far() == count
    updates.end()


def test_single_steps_asked_for_at_once_are_all_made() -> None:
    updates = paused()
    updates.orders.call(lambda: [updates.orders.single_step() for _ in range(3)]).result(PATIENCE)
    for _ in range(3):
        updates.after_all_so_far()
    assert updates.after_all_so_far() == 3
    updates.end()


def test_a_single_step_not_made_before_resuming_is_not_made_at_the_next_pause() -> None:
    updates = paused()

    def step_twice_and_go_on() -> None:
        updates.orders.single_step()
        updates.orders.single_step()
        updates.orders.resume()

    updates.orders.call(step_twice_and_go_on).result(PATIENCE)
    at = updates.pause_between_updates()
    assert [updates.after_all_so_far() for _ in range(5)] == [at] * 5
    updates.end()


def test_a_single_step_while_updates_are_made_is_none_at_the_next_pause() -> None:
    updates = Updates(Orders())
    updates.orders.single_step()
    at = updates.pause_between_updates()
    assert [updates.after_all_so_far() for _ in range(5)] == [at] * 5
    updates.end()


def test_changes_come_in_order_and_before_the_next_update() -> None:
    updates = paused()
    for rate in (1e-3, 2e-3):
        updates.orders.change("learning_rate", rate)
    updates.orders.single_step()
    while updates.after_all_so_far() == 0:
        pass
    assert updates.changes == [("learning_rate", 1e-3), ("learning_rate", 2e-3)]
    updates.end()


def test_a_call_after_the_end_is_cancelled() -> None:
    updates = paused()
    updates.end()
    assert updates.orders.call(lambda: 1).cancelled()

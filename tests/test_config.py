import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import AttentionConfig, ConfigError, divisors, nearest_divisors


def test_derives_head_dim_group_size_and_variant():
    config = AttentionConfig(d_model=128, n_heads=8, n_kv_heads=2)
    assert (config.head_dim, config.group_size, config.variant) == (16, 4, "GQA")
    assert config.causal


@pytest.mark.parametrize(
    ("n_heads", "n_kv_heads", "variant"),
    [(8, 8, "MHA"), (8, 4, "GQA"), (8, 1, "MQA"), (1, 1, "MHA")],
)
def test_variant(n_heads, n_kv_heads, variant):
    assert AttentionConfig(d_model=64, n_heads=n_heads, n_kv_heads=n_kv_heads).variant == variant


def test_head_dim_may_differ_from_the_width_shared_out():
    gemma = AttentionConfig(d_model=3072, n_heads=16, n_kv_heads=16, head_dim=256)
    assert gemma.head_dim == 256
    assert AttentionConfig(d_model=100, n_heads=8, n_kv_heads=8, head_dim=16).head_dim == 16


def test_is_frozen():
    config = AttentionConfig(d_model=64, n_heads=8, n_kv_heads=2)
    with pytest.raises(AttributeError):
        config.n_heads = 4


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            {"d_model": 64, "n_heads": 8, "n_kv_heads": 3},
            "n_heads 8 does not divide by n_kv_heads 3: choose n_kv_heads 2 or 4.",
        ),
        (
            {"d_model": 64, "n_heads": 8, "n_kv_heads": 16},
            "n_heads 8 does not divide by n_kv_heads 16: choose n_kv_heads 8.",
        ),
        (
            {"d_model": 100, "n_heads": 8, "n_kv_heads": 2},
            "d_model 100 does not divide by n_heads 8: choose n_heads 5 or 10, or give head_dim.",
        ),
        (
            {"d_model": 64, "n_heads": 0, "n_kv_heads": 1},
            "n_heads 0 is not a positive whole number.",
        ),
        (
            {"d_model": 64.0, "n_heads": 8, "n_kv_heads": 1},
            "d_model 64.0 is not a positive whole number.",
        ),
        (
            {"d_model": 64, "n_heads": True, "n_kv_heads": 1},
            "n_heads True is not a positive whole number.",
        ),
        (
            {"d_model": 64, "n_heads": 8, "n_kv_heads": 1, "head_dim": -4},
            "head_dim -4 is not a positive whole number.",
        ),
    ],
)
def test_refuses_with_both_numbers_and_what_would_work(shape, message):
    with pytest.raises(ConfigError) as refused:
        AttentionConfig(**shape)
    assert str(refused.value) == message
    assert isinstance(refused.value, ValueError)


def test_kv_head_of_gives_neighbours_the_same_kv_head():
    config = AttentionConfig(d_model=64, n_heads=8, n_kv_heads=2)
    assert [config.kv_head_of(head) for head in range(8)] == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("head", [-1, 8])
def test_kv_head_of_refuses_a_head_that_is_not_there(head):
    config = AttentionConfig(d_model=64, n_heads=8, n_kv_heads=2)
    with pytest.raises(ConfigError) as refused:
        config.kv_head_of(head)
    assert str(refused.value) == f"head {head} does not exist: choose 0 to 7."


@given(n=st.integers(1, 500), wanted=st.integers(1, 600))
def test_nearest_divisors_leave_nothing_nearer_out(n, wanted):
    nearest = nearest_divisors(n, wanted)
    assert all(n % d == 0 for d in nearest)
    distance = min(abs(d - wanted) for d in nearest)
    assert not any(n % d == 0 for d in range(max(1, wanted - distance + 1), wanted + distance))


def test_divisors_ascend():
    assert divisors(32) == (1, 2, 4, 8, 16, 32)
    assert divisors(1) == (1,)

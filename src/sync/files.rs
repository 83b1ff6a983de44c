//! Reading documents whole, and writing them by compare and swap.

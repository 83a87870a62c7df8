"""Backtests: does qualification predict winning?"""

"""Simulated chips: registers, byte order, power-on values and refusals as their data sheets say."""

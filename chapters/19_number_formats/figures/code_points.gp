# The code points of four-bit formats, the largest magnitude at 1.  csv and out are set by the caller.
set terminal svg size 720,260 font "Helvetica,13" background rgb "white" noenhanced
set output out
set datafile separator ","
set title "The code points of four bits: int4 and E2M1 have fifteen, Q4_0 and NF4 sixteen"
set xrange [-1.08:1.08]
set yrange [3.6:-0.6]
set ytics ("int4" 0, "Q4_0" 1, "NF4" 2, "E2M1" 3)
set xtics 0.25
set grid x lc rgb "#dddddd"
unset key
plot csv."/code_points.csv" skip 1 using 2:1 with points pt 7 ps 0.8 lc rgb "#0072B2"

# SQNR of all trained weights against what is stored, bits a weight.  csv and out are set by the caller.
# The rows are those of lesson/formats.hpp: 0-4 int4, 5 E2M1, 6 MXFP4, 7 Q4_0, 8 NF4, 9-10 int8, 11 Q8_0, 12-14
# E4M3, 15 E5M2.
set terminal svg size 760,420 font "Helvetica,13" background rgb "white" noenhanced
set output out
set datafile separator ","
file = csv."/formats.csv"
set multiplot layout 1,2 title "The trained weights: at equal bits, where the code points lie decides"
set xlabel "bits a weight, scales and padding included"
set ylabel "SQNR (dB)"
set grid lc rgb "#dddddd"
unset key
set xrange [3.9:4.95]
set yrange [10:23]
set xtics 0.25
plot file skip 1 every ::0::4 using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#0072B2", \
     "" skip 1 every ::0::0 using 1:2:("int4, tensor") with labels left offset 0.7,0, \
     "" skip 1 every ::1::1 using 1:2:("channel") with labels left offset 0.7,-0.2, \
     "" skip 1 every ::2::2 using 1:2:("128") with labels left offset 0.7,-0.2, \
     "" skip 1 every ::3::3 using 1:2:("64") with labels right offset -0.4,0.6, \
     "" skip 1 every ::4::4 using 1:2:("int4, 32") with labels left offset 0.8,0.1, \
     "" skip 1 every ::7::7 using 1:2 with points pt 5 ps 0.8 lc rgb "#0072B2", \
     "" skip 1 every ::7::7 using 1:2:("Q4_0") with labels left offset -0.5,0.9, \
     "" skip 1 every ::8::8 using 1:2 with points pt 9 ps 0.9 lc rgb "#009E73", \
     "" skip 1 every ::8::8 using 1:2:("NF4") with labels right offset -0.2,0.8, \
     "" skip 1 every ::5::5 using 1:2 with points pt 13 ps 0.9 lc rgb "#D55E00", \
     "" skip 1 every ::5::5 using 1:2:("E2M1, 32") with labels left offset 0.8,-0.6, \
     "" skip 1 every ::6::6 using 1:2 with points pt 13 ps 0.9 lc rgb "#D55E00", \
     "" skip 1 every ::6::6 using 1:2:("MXFP4") with labels left offset 0.8,-0.4
set xrange [7.9:9.15]
set yrange [24:47]
plot file skip 1 every ::9::10 using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#0072B2", \
     "" skip 1 every ::9::9 using 1:2:("int8, tensor") with labels left offset 0.7,-0.2, \
     "" skip 1 every ::10::10 using 1:2:("int8, channel") with labels left offset 0.7,0, \
     "" skip 1 every ::11::11 using 1:2 with points pt 5 ps 0.8 lc rgb "#0072B2", \
     "" skip 1 every ::11::11 using 1:2:("Q8_0") with labels right offset -0.8,0, \
     "" skip 1 every ::12::14 using 1:2 with linespoints lw 2 pt 13 ps 0.8 lc rgb "#CC79A7", \
     "" skip 1 every ::14::14 using 1:2:("E4M3; tensor; channel") with labels left offset 0.8,0, \
     "" skip 1 every ::15::15 using 1:2 with points pt 13 ps 0.8 lc rgb "#D55E00", \
     "" skip 1 every ::15::15 using 1:2:("E5M2") with labels left offset 0.8,0
unset multiplot
